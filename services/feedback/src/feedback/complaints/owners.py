"""Who owns a new complaint: always somebody who works here."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from careline.problems import Conflict
from feedback.context import Work

# 1 the head whom the rule of the kind names, 2 whoever recorded it, 3 the head of the usual department, 4 any head,
# 5 a supervisor, 6 anybody. The lock makes a leaver and a new complaint wait for one another.
_CHOOSE: Final = """
WITH rule AS (SELECT department_key, owner FROM complaint_rules WHERE kind = $1),
usual AS (
    SELECT d.id FROM departments d LEFT JOIN rule ON true
    ORDER BY d.key = rule.department_key DESC NULLS LAST, d.key = 'customer_service' DESC, d.key LIMIT 1
),
candidates AS (
    SELECT d.head_id AS person_id, d.id AS department_id, 1 AS rank, d.key
    FROM departments d JOIN rule ON rule.owner = 'head' AND rule.department_key = d.key
    UNION ALL
    SELECT p.id, coalesce(d.id, usual.id),
        CASE WHEN p.id = $2 THEN 2 WHEN 'supervisor' = ANY(p.roles) THEN 5 ELSE 6 END, ''
    FROM people p LEFT JOIN departments d ON d.id = p.department_id, usual
    UNION ALL
    SELECT d.head_id, d.id, CASE WHEN d.id = usual.id THEN 3 ELSE 4 END, d.key FROM departments d, usual
)
SELECT p.id AS owner_id, c.department_id FROM candidates c JOIN people p ON p.id = c.person_id
WHERE p.state = 'active' ORDER BY c.rank, c.key, p.id LIMIT 1 FOR SHARE OF p
"""
# A leaver's successor may have left meanwhile; the chain ends at somebody who works here, or nowhere.
_SUCCESSOR: Final = """
WITH RECURSIVE chain AS (
    SELECT p.id, p.state, p.successor_id, 1 AS step FROM people p WHERE p.id = $1
    UNION ALL
    SELECT p.id, p.state, p.successor_id, chain.step + 1 FROM chain JOIN people p ON p.id = chain.successor_id
    WHERE chain.state <> 'active' AND chain.step < 100
)
SELECT id FROM chain WHERE state = 'active' LIMIT 1
"""


class NobodyResponsible(Conflict):
    """No department, or nobody active, is known yet; an administrator must register one first."""

    type_name = "nobody-responsible"
    title = "Nobody could own it"


@dataclass(frozen=True, slots=True)
class Ownership:
    """A person, and the department in which they answer for it."""

    owner_id: UUID
    department_id: UUID


async def choose(work: Work, kind: str, recorder_id: UUID | None) -> Ownership:
    """The owner of a new complaint by the rules."""
    row = await work.row(_CHOOSE, kind, recorder_id)
    if row is None:
        raise NobodyResponsible("Register a department and a person who works in it, then repeat.")
    return Ownership(row["owner_id"], row["department_id"])


async def active_successor(work: Work, person_id: UUID | None) -> UUID | None:
    """The person, or who has taken over from them."""
    row = await work.row(_SUCCESSOR, person_id) if person_id else None
    return row["id"] if row else None
