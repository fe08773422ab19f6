"""The history: nobody rewrites it, and whoever did would be seen."""

from typing import Any
from uuid import UUID

import asyncpg
import pytest

from careline.ids import decode
from feedback.complaints.reading import chain_holds

from .office import Office


async def _history(office: Office, complaint: dict[str, Any]) -> list[dict[str, Any]]:
    rows = await office.rows(
        """
        SELECT h.*, t.text, t.salt FROM complaint_history h LEFT JOIN complaint_texts t USING (complaint_id, sequence)
        WHERE h.complaint_id = $1 ORDER BY h.sequence
        """,
        decode("cmp", complaint["id"]),
    )
    return [dict(row) for row in rows]


async def _told(office: Office) -> tuple[dict[str, Any], UUID]:
    complaint = await office.record()
    await office.do("ann", f"/v1/complaints/{complaint['id']}/notes", {"text": "Called twice."})
    return complaint, decode("cmp", complaint["id"])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE complaint_history SET actor = 'somebody else' WHERE complaint_id = $1",
        "UPDATE complaint_history SET hash = previous_hash WHERE complaint_id = $1",
        "DELETE FROM complaint_history WHERE complaint_id = $1",
        "DELETE FROM complaints WHERE id = $1",
    ],
)
async def test_the_database_refuses_to_rewrite_it(office: Office, statement: str) -> None:
    _, complaint_id = await _told(office)
    async with office.service.database.write_raw() as connection:
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await connection.execute(statement, complaint_id)


async def test_the_database_refuses_an_entry_out_of_order(office: Office) -> None:
    _, complaint_id = await _told(office)
    statement = """
    INSERT INTO complaint_history (complaint_id, sequence, happened_at, action, actor, facts)
    VALUES ($1, $2, now(), 'noted', 'nobody', '{}')
    """
    async with office.service.database.write_raw() as connection:
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await connection.execute(statement, complaint_id, 9)
    async with office.service.database.write_raw() as connection:
        with pytest.raises(asyncpg.UniqueViolationError):
            await connection.execute(statement, complaint_id, 2)


async def test_no_change_without_an_entry(office: Office) -> None:
    _, complaint_id = await _told(office)
    async with office.service.database.write_raw() as connection:
        with pytest.raises(asyncpg.IntegrityConstraintViolationError):
            await connection.execute("UPDATE complaints SET severity = 'major' WHERE id = $1", complaint_id)

    async def change_and_claim_an_entry() -> None:
        async with office.service.database.write_raw() as connection:
            await connection.execute(
                "UPDATE complaints SET severity = 'major', version = version + 1 WHERE id = $1", complaint_id
            )

    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await change_and_claim_an_entry()


async def test_whoever_changes_an_entry_behind_the_database_is_seen(office: Office) -> None:
    complaint, _ = await _told(office)
    honest = await _history(office, complaint)
    assert chain_holds(honest)
    for place, column, value in (
        (0, "actor", "somebody else"),
        (0, "facts", "{}"),
        (1, "text", "Called once."),
        (1, "action", "closed"),
    ):
        forged = [dict(entry) for entry in honest]
        forged[place][column] = value
        assert not chain_holds(forged), column
    assert not chain_holds(honest[1:])


async def test_a_text_can_be_erased_and_the_chain_still_closes(office: Office) -> None:
    complaint, complaint_id = await _told(office)
    async with office.service.database.write_raw() as connection:
        await connection.execute("DELETE FROM complaint_texts WHERE complaint_id = $1", complaint_id)
    seen = await office.look("ann", complaint)
    assert seen["history_intact"]
    assert [entry["text"] for entry in seen["history"]] == [None, None]


async def test_it_outlives_the_people_in_it(office: Office) -> None:
    complaint, _ = await _told(office)
    await office.leave("ann", "bob")
    seen = await office.look("bob", complaint)
    assert seen["history"][1]["actor"] == seen["recorded_by"]
    assert seen["history_intact"]
