"""An office for tests of complaints: departments, people, a calendar, and callers who speak as them."""

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx

from careline.app import Service
from careline.clock import FixedClock
from careline.events import Event
from careline.ids import decode, encode, new_id
from careline.testing.issuer import TestIssuer
from careline.wakeups import Wakeup
from feedback.complaints import notices
from feedback.complaints.links import WordLinks
from feedback.context import Work, work_in
from feedback.people import mirror
from feedback.timers import worker

# A Monday, 09:00 in Shanghai.
MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
WORK = ["complaints:work", "people:read"]
SCOPES = {
    "agent": [*WORK, "desk:use", "profile:read", "board:read"],
    "colleague": WORK,
    "department_head": [*WORK, "board:read"],
    "supervisor": [*WORK, "complaints:manage", "board:read"],
}
WEEK = [{"weekday": day, "from": "09:00", "to": "17:00"} for day in range(1, 6)]
SEED = """
INSERT INTO business_time (offset_seconds) VALUES (0) ON CONFLICT DO NOTHING;
"""


@dataclass
class Office:
    """The running service with people in it."""

    service: Service
    client: httpx.AsyncClient
    issuer: TestIssuer
    clock: FixedClock
    people: dict[str, UUID]
    roles: dict[str, str]
    departments: dict[str, UUID]
    replied: Wakeup
    links: WordLinks | None = None

    def headers(self, name: str) -> dict[str, str]:
        """Somebody's token."""
        return self.issuer.headers(encode("per", self.people[name]), scopes=SCOPES[self.roles[name]])

    async def call(self, name: str, method: str, path: str, body: object = None, **query: Any) -> httpx.Response:
        """A request of somebody."""
        headers = {**self.headers(name), "Idempotency-Key": str(uuid4())}
        return await self.client.request(method, path, json=body, params=query, headers=headers)

    async def do(self, name: str, path: str, body: object = None) -> dict[str, Any]:
        """A POST that must succeed; what it answers."""
        answer = await self.call(name, "POST", path, body)
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json() if answer.content else {}
        return found

    async def record(self, name: str = "ann", **fields: Any) -> dict[str, Any]:
        """A complaint that somebody records."""
        body = {"kind": "product", "customer_id": encode("cus", new_id()), "text": "The kettle leaks.", **fields}
        return await self.do(name, "/v1/complaints", body)

    async def look(self, name: str, complaint: dict[str, Any]) -> dict[str, Any]:
        """The complaint as somebody sees it."""
        answer = await self.call(name, "GET", f"/v1/complaints/{complaint['id']}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def offer(self, name: str, complaint: dict[str, Any], to: str, person: str | None = None) -> dict[str, Any]:
        """Offer a complaint to a department; the open offer."""
        body: dict[str, Any] = {"to_department": encode("dep", self.departments[to]), "note": "Please look."}
        if person is not None:
            body["to_person"] = encode("per", self.people[person])
        answer = await self.do(name, f"/v1/complaints/{complaint['id']}/handovers", body)
        found: dict[str, Any] = answer["offers"][-1]
        return found

    async def answer(self, name: str, complaint: dict[str, Any]) -> dict[str, Any]:
        """Cause, decision and reply."""
        place = f"/v1/complaints/{complaint['id']}"
        await self.do(name, f"{place}/cause", {"code": "product_defect"})
        await self.do(name, f"{place}/decision", {"decision": "upheld", "redress": {"type": "replacement"}})
        return await self.do(name, f"{place}/reply", {"text": "You get a new one."})

    async def settle(self) -> None:
        """Fire all timers that are due; the service's own loop may be at it as well."""
        while True:
            while await worker.fire(self.service):
                pass
            if not await self.rows(
                "SELECT 1 FROM complaint_timers WHERE due_at <= $1 AND fired_at IS NULL AND cancelled_at IS NULL",
                self.clock.now(),
            ):
                return
            await asyncio.sleep(0.01)

    async def until(self, moment: datetime) -> None:
        """Let business time pass, then fire what is due."""
        self.clock.advance((moment - self.clock.now()).total_seconds())
        await self.settle()

    async def rows(self, sql: str, *arguments: Any) -> list[Any]:
        """Look into the database."""
        async with self.service.database.read_raw() as connection:
            found: list[Any] = await connection.fetch(sql, *arguments)
            return found

    async def eventually(self, sql: str, *arguments: Any, seconds: float = 20) -> None:
        """Wait until a statement finds something."""
        async with asyncio.timeout(seconds):
            while not await self.rows(sql, *arguments):
                await asyncio.sleep(0.05)

    async def eventually_linked(self, complaint: dict[str, Any], customer: str) -> None:
        """Wait until a complaint is this customer's."""
        await self.eventually(
            "SELECT 1 FROM complaints WHERE id = $1 AND customer_id = $2",
            decode("cmp", complaint["id"]),
            decode("cus", customer),
        )

    async def hear(self, kind: str, data: dict[str, Any], sequence: int = 1) -> None:
        """An event of the directory arrives."""
        event = Event(new_id(), kind, kind.split(".", maxsplit=1)[0], "x", sequence, self.clock.now(), data)
        handler = mirror.handlers(self.service)[kind]
        async with self.service.database.write_raw() as connection:
            await handler(connection, event)

    async def hear_care(self, kind: str, data: dict[str, Any]) -> None:
        """An event of care or of the router arrives."""
        event = Event(new_id(), kind, kind.partition(".")[0], "x", 1, self.clock.now(), data)
        handler = notices.handlers(self.service, self.replied)[kind]
        async with self.service.database.write_raw() as connection:
            await handler(connection, event)

    async def told(self, complaint: dict[str, Any]) -> dict[str, Any]:
        """What care is told of a complaint; nothing once it is over."""
        headers = self.issuer.headers("care-scheduler", scopes=["feedback:contents"])
        answer = await self.client.post("/v1/care-contents", json={"references": [complaint["id"]]}, headers=headers)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items[0] if items else {}

    async def leave(self, name: str, successor: str) -> None:
        """Somebody leaves."""
        await self.hear(
            "person.leaving",
            {
                "leaving_id": encode("lve", new_id()),
                "person_id": encode("per", self.people[name]),
                "successor_id": encode("per", self.people[successor]),
            },
        )

    async def events(self, complaint: dict[str, Any] | None = None) -> list[tuple[str, dict[str, Any]]]:
        """What was said about a complaint, in order; whether the relay has carried it or not."""
        subject = complaint["id"] if complaint else None
        rows = await self.rows(
            """
            SELECT type, payload FROM (SELECT * FROM outbox UNION ALL
                SELECT position, id, aggregatetype, aggregateid, type, sequence, payload, occurred_at
                FROM outbox_archive) e
            WHERE $1::text IS NULL OR aggregateid = $1 ORDER BY aggregateid, sequence
            """,
            subject,
        )
        return [(row["type"], json.loads(row["payload"])["data"]) for row in rows]


async def furnish(office: Office) -> None:
    """Departments and people of a small company."""
    async with office.service.database.write_raw() as connection:
        await connection.execute(SEED)
        work: Work = work_in(office.service, connection)
        for key, department_id in office.departments.items():
            await work.execute("INSERT INTO departments VALUES ($1, $2, NULL, 1)", department_id, key)
        for name, (role, department) in STAFF.items():
            office.people[name] = new_id()
            office.roles[name] = role
            await work.execute(
                "INSERT INTO people (id, roles, department_id) VALUES ($1, $2, $3)",
                office.people[name],
                [role],
                office.departments[department],
            )
            if role == "department_head":
                await work.execute(
                    "UPDATE departments SET head_id = $2 WHERE id = $1",
                    office.departments[department],
                    office.people[name],
                )
        await work.execute(
            "INSERT INTO calendars VALUES ('company', 1, 'Asia/Shanghai', $1::jsonb, $2, '{}', '2027-12-31')",
            json.dumps(WEEK),
            [date(2026, 12, 25)],
        )


STAFF = {
    "ann": ("agent", "customer_service"),
    "bob": ("agent", "customer_service"),
    "head": ("department_head", "customer_service"),
    "pia": ("colleague", "purchasing"),
    "paul": ("colleague", "purchasing"),
    "pam": ("department_head", "purchasing"),
    "tom": ("colleague", "technics"),
    "tia": ("department_head", "technics"),
    "sue": ("supervisor", "customer_service"),
}


def empty_office(
    service: Service, client: httpx.AsyncClient, issuer: TestIssuer, clock: FixedClock, replied: Wakeup
) -> Office:
    """Nobody works there yet."""
    departments = {key: new_id() for key in ("customer_service", "purchasing", "technics")}
    return Office(service, client, issuer, clock, {}, {}, departments, replied)
