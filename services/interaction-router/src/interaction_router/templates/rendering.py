"""Fills prepared answers in. Managers write them, so a template can neither loop for ever nor grow without end."""

from collections.abc import Mapping
from typing import Any

from liquid import Environment
from liquid.exceptions import LiquidError

from careline.problems import InvalidInput
from interaction_router.templates.schemas import Rendering

MAX_LOOPS = 1_000
MAX_OUTPUT_BYTES = 100_000
MAX_NAMESPACE_BYTES = 100_000


class _Limited(Environment):
    loop_iteration_limit = MAX_LOOPS
    output_stream_limit = MAX_OUTPUT_BYTES
    local_namespace_limit = MAX_NAMESPACE_BYTES
    context_depth_limit = 10


_environment = _Limited()


def variables_of(body: str) -> list[str]:
    """The variables that a template wants to know; InvalidInput if it is not Liquid."""
    try:
        return sorted({str(name) for name in _environment.from_string(body).global_variable_paths()})
    except LiquidError as fault:
        raise InvalidInput("body", "not a template", str(fault)) from None


def render(body: str, facts: Mapping[str, Any]) -> Rendering:
    """Fill a template in and say what was not known."""
    missing = [name for name in variables_of(body) if _look_up(facts, name) in (None, "")]
    try:
        return Rendering(text=_environment.from_string(body).render(**facts), missing=missing)
    except LiquidError as fault:
        raise InvalidInput("body", "exceeds a limit of templates", str(fault)) from None


def _look_up(facts: Mapping[str, Any], path: str) -> Any:
    found: Any = facts
    for step in path.split("."):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found
