"""What every statement that writes many events has in common, whoever wrote it."""

import re

import pytest

from careline_local import paths

_MANY = re.compile(r"INSERT INTO outbox \([^)]*\)\s*(?P<select>SELECT.*?)(?=\"\"\")", re.DOTALL)
# One row each, or the order of positions that the statement itself gives.
_FROM_MANY = "unnest("


def _statements() -> list[tuple[str, str]]:
    sources = [*paths.CHECKOUT.glob("services/*/src/**/*.py"), *paths.CHECKOUT.glob("shared/src/**/*.py")]
    return [
        (str(source.relative_to(paths.CHECKOUT)), found["select"])
        for source in sources
        for found in _MANY.finditer(source.read_text())
        if _FROM_MANY in found["select"]
    ]


def test_there_are_some() -> None:
    assert len(_statements()) >= 4


@pytest.mark.parametrize(("source", "statement"), _statements())
def test_events_leave_in_the_order_given(source: str, statement: str) -> None:
    """Positions say in which order the events of one key leave, and only ORDER BY says in which order rows get them."""
    assert "WITH ORDINALITY" in statement, source
    assert "ORDER BY place" in statement, source
