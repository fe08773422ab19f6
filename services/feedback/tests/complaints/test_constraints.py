"""What the database refuses, whatever the code does."""

from typing import Any

import asyncpg
import pytest

from careline.ids import decode, new_id

from .office import Office

REFUSED = asyncpg.IntegrityConstraintViolationError


async def _try(office: Office, statement: str, *arguments: Any) -> None:
    """One change with its entry in the history, as the code makes it; the commit is part of it."""
    async with office.service.database.write_raw() as connection:
        row = await connection.fetchrow("SELECT version FROM complaints WHERE id = $1", arguments[0])
        assert row is not None
        await connection.execute(
            """
            INSERT INTO complaint_history (complaint_id, sequence, happened_at, action, actor, facts)
            VALUES ($1, $2, now(), 'noted', 'test', '{}')
            """,
            arguments[0],
            row["version"] + 1,
        )
        change = f"UPDATE complaints SET version = version + 1, {statement} WHERE id = $1"  # noqa: S608
        await connection.execute(change, *arguments)


@pytest.mark.parametrize(
    "change",
    [
        "owner_id = NULL",
        "department_id = NULL",
        "resolve_by = NULL",
        "state = 'closed'",
        "state = 'closed', closed_at = now(), cause_code = 'other', decision = 'upheld', reply_text = 'x'",
        "state = 'answered'",
        "state = 'reopened'",
        "state = 'gone'",
        "customer_word = 'accepted'",
        "redress_amount_minor = 5",
        "calendar_version = 77",
        "customer_id = NULL, contact = NULL, interaction_id = NULL",
    ],
)
async def test_an_open_complaint_stays_whole(office: Office, change: str) -> None:
    complaint = await office.record()
    with pytest.raises(REFUSED):
        await _try(office, change, decode("cmp", complaint["id"]))


async def test_the_harness_itself_is_allowed(office: Office) -> None:
    complaint = await office.record()
    await _try(office, "severity = 'major'", decode("cmp", complaint["id"]))


async def test_closing_needs_the_customers_word_and_nothing_that_waits(office: Office) -> None:
    complaint = await office.record()
    complaint_id = decode("cmp", complaint["id"])
    await office.answer("ann", complaint)
    with pytest.raises(REFUSED):
        await _try(office, "state = 'closed', closed_at = now()", complaint_id)
    # With the word, but with timers that still wait.
    with pytest.raises(REFUSED):
        await _try(office, "state = 'closed', closed_at = now(), customer_word = 'accepted'", complaint_id)
    with pytest.raises(REFUSED):
        await _try(office, "customer_word = 'no_answer_after_attempts', word_attempts = 1", complaint_id)


async def test_the_owner_works_here(office: Office) -> None:
    complaint = await office.record()
    complaint_id = decode("cmp", complaint["id"])
    with pytest.raises(REFUSED):
        await _try(office, "owner_id = $2", complaint_id, new_id())
    await office.leave("bob", "sue")
    with pytest.raises(REFUSED):
        await _try(office, "owner_id = $2", complaint_id, office.people["bob"])


async def test_nobody_leaves_while_they_own_something(office: Office) -> None:
    await office.record("ann")

    async def deactivate() -> None:
        async with office.service.database.write_raw() as connection:
            await connection.execute("UPDATE people SET state = 'left' WHERE id = $1", office.people["ann"])

    with pytest.raises(REFUSED):
        await deactivate()


async def test_one_open_offer(office: Office) -> None:
    complaint = await office.record()
    await office.offer("ann", complaint, "purchasing")
    statement = """
    INSERT INTO handover_offers (id, complaint_id, from_person_id, from_department_id, to_department_id, note, state,
        offered_at, answer_by)
    VALUES ($1, $2, $3, $4, $5, 'x', 'open', now(), now())
    """
    async with office.service.database.write_raw() as connection:
        with pytest.raises(asyncpg.UniqueViolationError):
            await connection.execute(
                statement,
                new_id(),
                decode("cmp", complaint["id"]),
                office.people["ann"],
                office.departments["customer_service"],
                office.departments["technics"],
            )


async def test_a_timer_is_one_of_its_kind_and_never_early(office: Office) -> None:
    complaint = await office.record()
    complaint_id = decode("cmp", complaint["id"])
    async with office.service.database.write_raw() as connection:
        with pytest.raises(asyncpg.UniqueViolationError):
            await connection.execute(
                "INSERT INTO complaint_timers (complaint_id, kind, level, due_at) VALUES ($1, 'resolve', 1, now())",
                complaint_id,
            )
    async with office.service.database.write_raw() as connection:
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.execute(
                "UPDATE complaint_timers SET fired_at = due_at - interval '1 s' WHERE complaint_id = $1", complaint_id
            )


async def test_a_calendar_that_was_published_is_not_changed(office: Office) -> None:
    async with office.service.database.write_raw() as connection:
        with pytest.raises(REFUSED):
            await connection.execute("UPDATE calendars SET time_zone = 'UTC'")
