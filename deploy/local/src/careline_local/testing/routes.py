"""Thousands of tests make thousands of applications of the same routes; their validators are built once.

FastAPI builds them anew for each application at its first request, which was a quarter of all processor time of the
services' tests. Nothing of an application is in them but the object that holds its overrides of dependencies, which
no test of ours uses.
"""

from typing import Any

import pytest
from fastapi import routing

_built: dict[tuple[Any, ...], tuple[Any, Any]] = {}


def pytest_configure(config: pytest.Config) -> None:
    """Remember what is built, from the first application on."""
    del config
    included = routing._IncludedRouter  # noqa: SLF001 -- FastAPI has no public way
    build = included._build_effective_context  # noqa: SLF001

    def build_once(self: Any, route: Any) -> Any:
        context = self.include_context
        key = (id(route), context.prefix, context.max_body_size, *sorted(context.responses, key=str))
        if key not in _built:
            # The route is kept too, so that no other one can come to its address.
            _built[key] = (route, build(self, route))
        return _built[key][1]

    included._build_effective_context = build_once  # type: ignore[method-assign]  # noqa: SLF001
