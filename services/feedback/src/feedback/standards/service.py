"""Promising: one promise about a topic at a time, and none rewritten."""

from typing import Final
from uuid import UUID

import asyncpg

from careline.faults import causes
from careline.ids import new_id
from careline.problems import Conflict, InvalidInput, NotFound
from feedback.context import Look, Row, Work
from feedback.standards import repository
from feedback.standards.promises import HOUR
from feedback.standards.schemas import Rule, RuleInput, Rules, Standard, StandardInput, Standards

_STEPS: Final = ("acknowledge", "resolve", "word", "handover", "warn_before", "escalate_after")
_RULES: Final = "SELECT kind, owner, department_key FROM complaint_rules ORDER BY kind"
_SET_RULE: Final = """
INSERT INTO complaint_rules (kind, owner, department_key) VALUES ($1, $2, $3)
ON CONFLICT (kind) DO UPDATE SET owner = excluded.owner, department_key = excluded.department_key
"""


class TwoPromises(Conflict):
    """Another promise about the same topic holds at some moment of that time; `standard_id` names it."""

    type_name = "two-promises"
    title = "There is a promise about this already"


async def listed(look: Look) -> Standards:
    """All promises."""
    rows = await look.rows(repository.SELECT + "ORDER BY topic, effective")
    return Standards(items=[_shown(row) for row in rows])


async def promise(work: Work, subject: str, body: StandardInput) -> Standard:
    """Keep a promise, or say which other one it contradicts."""
    start = body.effective_from or work.now
    if body.effective_until is not None and body.effective_until <= start:
        raise InvalidInput("effective_until", "before it begins", "Choose a later moment, or none.")
    if start < work.now:
        raise InvalidInput("effective_from", "in the past", "What was promised then is not changed; leave it out.")
    if body.replaces is not None and not await repository.end(work, body.replaces, start):
        raise NotFound("standard that began before this one", str(body.replaces))
    other = await repository.overlapping(work, body.kind, body.tier, start, body.effective_until)
    if other is not None:
        raise TwoPromises("End it with `replaces`, or choose another time.", standard_id=other["id"])
    standard_id = new_id()
    values = {
        "kind": body.kind,
        "tier": body.tier,
        "calendar_key": body.calendar_key,
        **{step: round(getattr(body, f"{step}_hours") * HOUR) for step in _STEPS},
        "start": start,
        "end": body.effective_until,
        "set_by": subject,
        "set_at": work.now,
    }
    try:
        await repository.insert(work, standard_id, values)
    except asyncpg.PostgresError as fault:
        if any(isinstance(cause, asyncpg.ExclusionViolationError) for cause in causes(fault)):
            raise TwoPromises("Somebody promised it at the same moment; read the list again.") from None
        raise
    return _shown(await _found(work, standard_id))


async def rules(look: Look) -> Rules:
    """All rules."""
    return Rules(items=[Rule(**row) for row in await look.rows(_RULES)])


async def set_rule(work: Work, kind: str, body: RuleInput) -> Rule:
    """Keep a rule; the department must be one of the directory's."""
    if body.department_key is not None:
        known = await work.row("SELECT 1 FROM departments WHERE key = $1", body.department_key)
        if known is None:
            raise InvalidInput("department_key", "unknown", "Choose the key of a department of the directory.")
    await work.execute(_SET_RULE, kind, body.owner, body.department_key)
    return Rule.model_validate({"kind": kind, "owner": body.owner, "department_key": body.department_key})


async def _found(look: Look, standard_id: UUID) -> Row:
    row = await repository.find(look, standard_id)
    if row is None:
        raise LookupError(standard_id)
    return row


def _shown(row: Row) -> Standard:
    as_they_are = ("id", "kind", "tier", "calendar_key", "effective_from", "effective_until", "set_by", "set_at")
    hours = {f"{step}_hours": row[f"{step}_seconds"] / HOUR for step in _STEPS}
    return Standard(**{name: row[name] for name in as_they_are}, **hours)
