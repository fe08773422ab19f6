"""Changing a complaint: what changes, its entries in the history and its events leave together, under one version.

Whoever changes a complaint locks its row first, always; timers, offers and history are only touched under that lock.
"""

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from careline.ids import encode
from feedback.complaints.events import OfComplaint
from feedback.context import Row, Work

SALT_BYTES: Final = 16

_WRITE_HISTORY = """
INSERT INTO complaint_history (complaint_id, sequence, happened_at, action, actor, facts, text_digest)
SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::bytea[])
"""
_WRITE_TEXT = "INSERT INTO complaint_texts (complaint_id, sequence, salt, text) VALUES ($1, $2, $3, $4)"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the history."""

    complaint_id: UUID
    sequence: int
    happened_at: datetime
    action: str
    actor: str
    facts: str
    text: str | None = None
    salt: bytes = b""

    @property
    def digest(self) -> bytes | None:
        """What the chain holds of the text."""
        return None if self.text is None else hashlib.sha256(self.salt + self.text.encode()).digest()


async def write_history(work: Work, entries: Sequence[Entry]) -> None:
    """Append entries; those of one complaint must stand in order."""
    if not entries:
        return
    columns = zip(
        *(
            (each.complaint_id, each.sequence, each.happened_at, each.action, each.actor, each.facts, each.digest)
            for each in entries
        ),
        strict=True,
    )
    await work.execute(_WRITE_HISTORY, *map(list, columns))
    for each in entries:
        if each.text is not None:
            await work.execute(_WRITE_TEXT, each.complaint_id, each.sequence, each.salt, each.text)


def facts_text(facts: dict[str, Any]) -> str:
    """Facts as the history keeps and hashes them."""
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"a fact is no {type(value).__name__}")


@dataclass
class Case:
    """A complaint whose row this transaction holds, and what is to become of it.

    Usage::

        case = Case(work, row, actor)
        case.change(state=State.CLOSED)
        case.tell("closed", {...}, event=ComplaintClosed(...))
        await case.save()
    """

    work: Work
    row: Row
    actor: str
    _changes: dict[str, Any] = field(default_factory=dict)
    _told: list[tuple[str, dict[str, Any], str | None, OfComplaint | None]] = field(default_factory=list)

    @property
    def id(self) -> UUID:
        """The complaint's id."""
        complaint_id: UUID = self.row["id"]
        return complaint_id

    def now(self, name: str) -> Any:
        """The value of a column as it will be."""
        return self._changes[name] if name in self._changes else self.row[name]

    def change(self, **columns: Any) -> None:
        """Give columns new values."""
        self._changes |= columns

    def tell(
        self, action: str, facts: dict[str, Any], *, text: str | None = None, event: OfComplaint | None = None
    ) -> None:
        """Say what happened: a line in the history, and an event if others should hear of it."""
        self._told.append((action, facts, text, event))

    async def save(self) -> int:
        """Write all of it and return the new version."""
        if not self._told:
            raise ValueError("a complaint is never changed without an entry in its history")
        version: int = self.row["version"]
        entries, events = [], []
        for action, facts, text, event in self._told:
            version += 1
            salt = secrets.token_bytes(SALT_BYTES) if text is not None else b""
            entries.append(
                Entry(self.id, version, self.work.now, action, self.actor, facts_text(facts), text=text, salt=salt)
            )
            if event is not None:
                events.append((event, version))
        await write_history(self.work, entries)
        await self._update(version)
        for event, sequence in events:
            await self.work.outbox.append(
                self.work.transaction,
                event,
                aggregate_id=encode("cmp", self.id),
                sequence=sequence,
                occurred_at=self.work.real_now,
            )
        self._told.clear()
        return version

    async def _update(self, version: int) -> None:
        columns = {"version": version, **self._changes}
        places = ", ".join(f"{name} = ${number}" for number, name in enumerate(columns, start=2))
        statement = f"UPDATE complaints SET {places} WHERE id = $1"  # noqa: S608 -- names of our own columns
        await self.work.execute(statement, self.id, *columns.values())
