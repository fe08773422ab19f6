"""Query parameters that nobody declared are refused: a misspelt filter must not look like one that found everything."""

from collections.abc import Callable
from typing import Any, Final, get_args, get_origin
from urllib.parse import parse_qsl

from fastapi import params
from fastapi.dependencies.utils import get_flat_params
from starlette.requests import HTTPConnection

from careline.problems import InvalidInput

# Put into a route's `openapi_extra` where links are followed from mails and posts, to which others add parameters.
OPEN_QUERY: Final = {"x-open-query": True}

_Declared = dict[str, bool]
_declared: Final[dict[Callable[..., Any], _Declared | None]] = {}


async def refuse_undeclared_query(connection: HTTPConnection) -> None:
    """Raise InvalidInput for a query parameter that the operation does not know, or that is there twice."""
    text: bytes = connection.scope["query_string"]
    if not text:
        return
    declared = _declared_by(connection.scope["route"])
    if declared is None:
        return
    seen: set[str] = set()
    for name, _ in parse_qsl(text.decode("latin-1"), keep_blank_values=True):
        if name not in declared:
            known = f"Known here: {', '.join(sorted(declared))}." if declared else "There are none here."
            raise InvalidInput(name[:100], "unknown query parameter", known)
        if name in seen and not declared[name]:
            raise InvalidInput(name, "query parameter given twice", "Give it once.")
        seen.add(name)


def _declared_by(route: Any) -> _Declared | None:
    """Names of a route's query parameters and whether each may be repeated; None if the route takes any."""
    endpoint = route.endpoint
    if endpoint not in _declared:
        is_open = (getattr(route, "openapi_extra", None) or {}).get("x-open-query", False)
        _declared[endpoint] = None if is_open else _read(route.dependant)
    return _declared[endpoint]


def _read(dependant: Any) -> _Declared:
    fields = [field for field in get_flat_params(dependant) if isinstance(field.field_info, params.Query)]
    return {field.alias: _is_list(field.field_info.annotation) for field in fields}


def _is_list(annotation: Any) -> bool:
    return get_origin(annotation) in {list, set, frozenset, tuple} or any(map(_is_list, get_args(annotation)))
