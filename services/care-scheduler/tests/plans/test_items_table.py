"""What the table of care items itself refuses, whoever writes."""

from typing import get_args

import asyncpg
import pytest

from care_scheduler.items.schemas import State
from careline.ids import new_id

from ..planning import Plans

STATES: tuple[str, ...] = get_args(State)
_ADD = """
INSERT INTO care_items (customer_id, occasion, occasion_key, purpose, due_at, not_after, state, created_at)
VALUES ($1, 'birthday', '2026', 'marketing', now(), now() + interval '1 hour', $2, now())
"""


async def test_one_item_a_customer_occasion_and_key(plans: Plans) -> None:
    customer = new_id()
    await plans.execute(_ADD, customer, "planned")

    with pytest.raises(asyncpg.UniqueViolationError):
        await plans.execute(_ADD, customer, "planned")


@pytest.mark.parametrize("state", sorted(set(STATES) - {"planned", "expired"}))
async def test_nothing_begins_in_the_middle(plans: Plans, state: str) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await plans.execute(_ADD, new_id(), state)


async def test_exactly_the_transitions_of_the_table_are_possible(plans: Plans) -> None:
    async with plans.database.read_raw() as connection:
        rows = await connection.fetch("SELECT from_state, to_state FROM care_transitions WHERE from_state <> ''")
    allowed = {(row[0], row[1]) for row in rows}
    assert {state for pair in allowed for state in pair} == set(STATES)
    assert not {state for state, _ in allowed} & {"done", "failed", "cancelled", "suppressed", "expired"}

    for before in STATES:
        for after in set(STATES) - {before}:
            assert await _possible(plans, before, after) == ((before, after) in allowed), (before, after)


async def _possible(plans: Plans, before: str, after: str) -> bool:
    customer = new_id()
    async with plans.database.write_raw() as connection:
        # Only here: an item is put where the test wants it.
        await connection.execute("SET LOCAL session_replication_role = 'replica'")
        await connection.execute(_ADD, customer, before if before in {"planned", "expired"} else "planned")
        await connection.execute("UPDATE care_items SET means = 'mail', cell = 'c' WHERE customer_id = $1", customer)
        await connection.execute("UPDATE care_items SET state = $2 WHERE customer_id = $1", customer, before)
    try:
        await plans.execute("UPDATE care_items SET state = $2 WHERE customer_id = $1", customer, after)
    except asyncpg.CheckViolationError:
        return False
    return True


async def test_time_and_means_make_sense(plans: Plans) -> None:
    await plans.execute(_ADD, new_id(), "planned")

    for wrong in ("not_after = due_at", "state = 'due'", "occasion = 'black_friday'", "occasion_key = ''"):
        with pytest.raises(asyncpg.CheckViolationError):
            await plans.execute(f"UPDATE care_items SET {wrong}")  # noqa: S608 -- from above
