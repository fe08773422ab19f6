"""Anybody does anything at any time: each complaint keeps one owner and one next deadline, on the real database.

The machine plays people of three departments, customers with links, leavers and jumps of business time against the
running service, and looks at every row after every step.
"""

import asyncio
import os
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any, TypeVar

import httpx
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from careline.auth import TokenVerifier
from careline.clock import FixedClock
from careline.ids import decode, encode
from careline.testing.issuer import AUDIENCE, ISSUER, TestIssuer
from careline_local.testing.databases import ServiceDatabase
from feedback.app import create_app
from feedback.complaints.reading import chain_holds
from feedback.settings import Settings

from .office import MONDAY, STAFF, Office, empty_office, furnish

T = TypeVar("T")
EXAMPLES = int(os.environ.get("COMPLAINT_EXAMPLES", "16"))
NAMES = sorted(STAFF)
WHO = st.sampled_from(NAMES)
WHICH = st.integers(0, 2)
# Most of the time it is the owner who acts.
RECEIVER = st.one_of(st.just("receiver"), st.just("receiver"), WHO)
ACTOR = st.one_of(st.just("owner"), st.just("owner"), WHO)
SERVER_FAULT = 500

LOOK = """
SELECT c.*, p.state AS owner_state,
    (SELECT count(*) FROM handover_offers o WHERE o.complaint_id = c.id AND o.state = 'open') AS open_offers,
    (SELECT count(*) FROM complaint_timers t WHERE t.complaint_id = c.id AND t.fired_at IS NULL
        AND t.cancelled_at IS NULL) AS waiting,
    (SELECT count(*) FROM complaint_timers t WHERE t.complaint_id = c.id AND t.fired_at IS NULL
        AND t.cancelled_at IS NULL AND t.due_at <= $1) AS left_behind,
    (SELECT max(sequence) FROM complaint_history h WHERE h.complaint_id = c.id) AS newest
FROM complaints c JOIN people p ON p.id = c.owner_id ORDER BY c.number
"""
HISTORY = """
SELECT h.*, t.text, t.salt FROM complaint_history h LEFT JOIN complaint_texts t USING (complaint_id, sequence)
ORDER BY h.complaint_id, h.sequence
"""
OUT_OF_ORDER = """
SELECT 1 FROM complaint_timers low JOIN complaint_timers high USING (complaint_id, kind)
WHERE low.level < high.level AND high.fired_at IS NOT NULL
    AND low.cancelled_at IS NULL AND (low.fired_at IS NULL OR low.fired_at > high.fired_at)
"""


class World:
    """A running service and its loop, kept for all examples; each example has a fresh office in an empty database."""

    def __init__(self, database: ServiceDatabase) -> None:
        self.database = database
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.office: Office | None = None

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def begin(self) -> Office:
        self.office = self.run(self._begin())
        return self.office

    def end(self) -> None:
        self.run(self.stack.aclose())
        self.database.empty()

    async def _begin(self) -> Office:
        clock, issuer = FixedClock(MONDAY), TestIssuer()
        service_settings = _settings(self.database.url)
        app = create_app(service_settings, clock=clock)
        state = await self.stack.enter_async_context(app.router.lifespan_context(app))
        shared: dict[str, Any] = {**(state or {}), "verifier": TokenVerifier(service_settings, http=issuer.http())}

        async def application(scope: Any, receive: Any, send: Any) -> None:
            await app({**scope, "state": dict(shared)}, receive, send)

        transport = httpx.ASGITransport(application, raise_app_exceptions=False)
        client = await self.stack.enter_async_context(
            httpx.AsyncClient(transport=transport, base_url="http://feedback.test")
        )
        office = empty_office(shared["service"], client, issuer, clock, shared["complaint_replied"])
        await furnish(office)
        office.links = shared["word_links"]
        return office


def _settings(url: str) -> Settings:
    nowhere = "http://127.0.0.1:1"
    return Settings(
        port=1,
        database_url=url,
        kafka_bootstrap="127.0.0.1:1",
        token_issuer=ISSUER,
        token_audience=AUDIENCE,
        token_jwks_url=nowhere,
        token_url=nowhere,
        client_id="feedback",
        client_secret="only for tests",
        profile_url=nowhere,
        router_url=nowhere,
        link_key="only for tests, only for tests, only for tests",
    )


class Complaints(RuleBasedStateMachine):
    """What people, customers and time do; the test binds it to a world."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.office = self.world.begin()
        self.known: list[str] = []
        self.gone: set[str] = set()
        # The customer's deadline by complaint and re-opening: it never moves within one.
        self.promised: dict[tuple[str, int], Any] = {}

    def teardown(self) -> None:
        self.world.end()

    def actor(self, name: str, which: int) -> str:
        owner = self.owner_of(which)
        return (
            next(known for known, person in self.office.people.items() if person == owner) if name == "owner" else name
        )

    def call(self, name: str, path: str, body: object = None) -> httpx.Response:
        answer = self.world.run(self.office.call(name, "POST", path, body))
        assert answer.status_code < SERVER_FAULT, answer.text
        return answer

    def place(self, which: int) -> str:
        return f"/v1/complaints/{self.known[which % len(self.known)]}"

    def owner_of(self, which: int) -> Any:
        complaint_id = decode("cmp", self.known[which % len(self.known)])
        return self.world.run(self.office.rows("SELECT owner_id FROM complaints WHERE id = $1", complaint_id))[0][0]

    def receiver(self, which: int) -> str:
        """Somebody who may answer the open offer; anybody if there is none."""
        rows = self.world.run(
            self.office.rows(
                """
                SELECT p.id FROM handover_offers o JOIN people p ON p.department_id = o.to_department_id
                WHERE o.complaint_id = $1 AND o.state = 'open' AND p.state = 'active' AND p.id <> o.from_person_id
                    AND coalesce(o.to_person_id, p.id) = p.id ORDER BY p.id LIMIT 1
                """,
                decode("cmp", self.known[which % len(self.known)]),
            )
        )
        return next((name for name, person in self.office.people.items() if rows and person == rows[0][0]), NAMES[0])

    def offer_of(self, which: int) -> str | None:
        complaint_id = decode("cmp", self.known[which % len(self.known)])
        rows = self.world.run(
            self.office.rows(
                "SELECT id FROM handover_offers WHERE complaint_id = $1 ORDER BY offered_at DESC", complaint_id
            )
        )
        return encode("hof", rows[0]["id"]) if rows else None

    @initialize()
    def two_to_begin_with(self) -> None:
        for who in ("ann", "pia"):
            self.record(who, "product")

    @rule(who=WHO, kind=st.sampled_from(["product", "delivery", "staff"]))
    def record(self, who: str, kind: str) -> None:
        answer = self.call(who, "/v1/complaints", {"kind": kind, "contact": "somebody"})
        assert answer.status_code == 201, answer.text
        self.known.append(answer.json()["id"])

    @precondition(lambda self: self.known)
    @rule(who=ACTOR, which=WHICH, reply=st.booleans())
    def work_on_it(self, who: str, which: int, reply: bool) -> None:
        who = self.actor(who, which)
        self.call(who, f"{self.place(which)}/acknowledgement", {"by": "phone"})
        self.call(who, f"{self.place(which)}/cause", {"code": "supplier"})
        self.call(who, f"{self.place(which)}/decision", {"decision": "partly"})
        if reply:
            self.call(who, f"{self.place(which)}/reply", {"text": "We look into it."})

    @precondition(lambda self: self.known)
    @rule(who=ACTOR, which=WHICH, word=st.sampled_from(["accepted", "not_accepted", "no_answer_after_attempts"]))
    def hear_the_word(self, who: str, which: int, word: str) -> None:
        who = self.actor(who, which)
        self.call(who, f"{self.place(which)}/customer-word", {"word": word, "attempts": 3})

    @precondition(lambda self: self.known)
    @rule(who=ACTOR, which=WHICH)
    def close(self, who: str, which: int) -> None:
        who = self.actor(who, which)
        self.call(who, f"{self.place(which)}/closure")

    @precondition(lambda self: self.known)
    @rule(who=ACTOR, which=WHICH)
    def reopen(self, who: str, which: int) -> None:
        who = self.actor(who, which)
        self.call(who, f"{self.place(which)}/reopening", {"reason": "Not solved."})

    @precondition(lambda self: self.known)
    @rule(which=WHICH, round_=st.integers(0, 2), solved=st.sampled_from(["yes", "no"]))
    def click_the_link(self, which: int, round_: int, solved: str) -> None:
        assert self.office.links is not None
        token = self.office.links.token(decode("cmp", self.known[which % len(self.known)]), round_)
        posted = self.office.client.post(f"/v1/complaint-words/{token}", data={"solved": solved})
        assert self.world.run(posted).status_code in {200, 429}

    @precondition(lambda self: self.known)
    @rule(who=ACTOR, which=WHICH, to=WHO, named=st.booleans())
    def offer(self, who: str, which: int, to: str, named: bool) -> None:
        who = self.actor(who, which)
        before = self.owner_of(which)
        body: dict[str, Any] = {"to_department": encode("dep", self.office.departments[STAFF[to][1]]), "note": "x"}
        if named:
            body["to_person"] = encode("per", self.office.people[to])
        self.call(who, f"{self.place(which)}/handovers", body)
        assert self.owner_of(which) == before

    @precondition(lambda self: self.known)
    @rule(who=RECEIVER, which=WHICH)
    def accept(self, who: str, which: int) -> None:
        offer = self.offer_of(which)
        who = self.receiver(which) if who == "receiver" else who
        if offer is not None and self.call(who, f"/v1/handover-offers/{offer}/acceptance").is_success:
            assert self.owner_of(which) == self.office.people[who]

    @precondition(lambda self: self.known)
    @rule(who=WHO, which=WHICH, how=st.sampled_from(["bounce", "withdrawal"]))
    def end_the_offer(self, who: str, which: int, how: str) -> None:
        before, offer = self.owner_of(which), self.offer_of(which)
        if offer is not None:
            self.call(who, f"/v1/handover-offers/{offer}/{how}", {"reason": "x"} if how == "bounce" else None)
            assert self.owner_of(which) == before

    @precondition(lambda self: self.known)
    @rule(which=WHICH, to=st.sampled_from(["pam", "tia", "bob"]), hours=st.integers(0, 30))
    def hand_over(self, which: int, to: str, hours: int) -> None:
        """The whole of it, as offers that nobody may answer lead nowhere."""
        self.offer("owner", which, to, named=False)
        self.time_passes(hours + 1)
        self.accept("receiver", which)

    @precondition(lambda self: self.known)
    @rule(which=WHICH, to=WHO)
    def reassign(self, which: int, to: str) -> None:
        body = {"owner_id": encode("per", self.office.people[to]), "reason": "x"}
        assert not (self.call("sue", f"{self.place(which)}/owner", body).is_success and to in self.gone)

    @precondition(lambda self: len(self.gone) < len(NAMES) - 2)
    @rule(who=WHO, successor=WHO)
    def leave(self, who: str, successor: str) -> None:
        if {who, successor} & self.gone or who == successor:
            return
        self.gone.add(who)
        self.world.run(self.office.leave(who, successor))

    @rule(hours=st.integers(1, 400))
    def time_passes(self, hours: int) -> None:
        self.office.clock.advance(hours * 3600)
        self.world.run(self.office.settle())

    @rule(version=st.integers(2, 5))
    def another_calendar(self, version: int) -> None:
        said = {
            "key": "company",
            "version": version,
            "time_zone": "Europe/London",
            "weekly": [{"weekday": version, "from": "10:00", "to": "12:00"}],
            "closed_on": [],
            "open_on": [],
            "known_through": None,
        }
        self.world.run(self.office.hear("calendar.changed", said))

    @invariant()
    def each_complaint_is_whole(self) -> None:
        now = self.office.clock.now()
        rows = self.world.run(self.office.rows(LOOK, now))
        assert len(rows) == len(self.known)
        for row in rows:
            assert row["newest"] == row["version"]
            assert row["open_offers"] <= 1
            key = encode("cmp", row["id"]), row["reopened_count"]
            assert self.promised.setdefault(key, row["resolve_by"]) == row["resolve_by"]
            if row["state"] == "closed":
                assert row["next_deadline_at"] is None
                assert row["waiting"] == row["open_offers"] == 0
                assert row["cause_code"]
                assert row["decision"]
                assert row["reply_text"]
                assert row["customer_word"]
            else:
                assert row["owner_state"] == "active"
                assert row["next_deadline_at"] is not None
                # Somebody will be told of it, or was told already.
                assert row["waiting"] or row["next_deadline_at"] <= now

    @invariant()
    def nobody_rewrote_anything(self) -> None:
        histories: dict[Any, list[Any]] = {}
        for row in self.world.run(self.office.rows(HISTORY)):
            histories.setdefault(row["complaint_id"], []).append(row)
        assert all(chain_holds(history) for history in histories.values())
        assert self.world.run(self.office.rows(OUT_OF_ORDER)) == []

    @invariant()
    def leavers_hold_nothing(self) -> None:
        gone = [self.office.people[name] for name in self.gone]
        held = """
        SELECT 1 FROM complaints WHERE owner_id = ANY($1) AND state <> 'closed' UNION ALL
        SELECT 1 FROM handover_offers WHERE state = 'open' AND (from_person_id = ANY($1) OR to_person_id = ANY($1))
        """
        assert self.world.run(self.office.rows(held, gone)) == []


def test_whatever_anybody_does(service_database: Callable[[str], ServiceDatabase]) -> None:
    world = World(service_database("feedback"))
    try:
        run_state_machine_as_test(
            type("BoundComplaints", (Complaints,), {"world": world}),
            settings=settings(
                max_examples=EXAMPLES,
                stateful_step_count=40,
                deadline=None,
                derandomize=EXAMPLES <= 16,
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        world.runner.close()
