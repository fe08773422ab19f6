"""The loop that judges care when it is due.

Items are claimed under a lease, the profile and feedback are asked outside of any transaction, and one transaction
judges, renders and decides: state, verdicts, content, contact and event commit together or not at all. Whatever dies
in between leaves the items claimed, and they are judged anew when the lease is over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg
import httpx
import structlog
from prometheus_client import Counter

from care_scheduler.contents.feedback import PREFIXES, Feedback, Said
from care_scheduler.contents.rendering import Content, Template, rendered
from care_scheduler.events import CareDue, CareExpired, CareHeld, CareSuppressed
from care_scheduler.gates import repository as gates
from care_scheduler.gates.cap import longest
from care_scheduler.gates.judge import EXEMPT_PURPOSE, judge, with_caps
from care_scheduler.gates.model import REGULAR, Cap, Cell, Facts, History, Item, Judgement, Means, Verdict
from care_scheduler.gates.profile import Profile
from care_scheduler.items import repository
from care_scheduler.items.repository import Decision
from care_scheduler.matrix import repository as matrix
from care_scheduler.templates import repository as templates
from careline.clock import Clock
from careline.crash import crash_point
from careline.database import Database, WriteConnection
from careline.events import EventPayload
from careline.faults import is_transient
from careline.ids import encode, new_id
from careline.outbox import Outbox
from careline.wakeups import Wakeup

BATCH: Final = 500
POLL_SECONDS: Final = 0.2
AWAY_SECONDS: Final = 1.0
# Times an item may stand in the way of a decision, with a lease between them, before it is given up.
MOST_STUMBLES: Final = 5
STATES: Final = {"send": "due", "hold": "held", "no": "suppressed", "expired": "expired"}

JUDGED = Counter("careline_care_judged_total", "Care items that were judged.", ["outcome", "gate"])

_log = structlog.get_logger("care.scheduler")


@dataclass(frozen=True)
class Rules:
    """What the company has decided, as it stands now."""

    caps: list[Cap]
    cells: Mapping[tuple[str, str], Cell]
    templates: Mapping[str, Template]

    def cell(self, facts: Facts | None, item: Item) -> Cell | None:
        """The cell for a customer's tier; a tier that the matrix does not know is cared for like `regular`."""
        if facts is None:
            return None
        return self.cells.get((facts.tier, item.occasion)) or self.cells.get((REGULAR, item.occasion))


@dataclass(frozen=True)
class Known:
    """What others told us about the customers and references of a batch."""

    facts: Mapping[UUID, Facts]
    said: Mapping[str, Said]


class Scheduler:
    """Judges what is due; any number of processes may do so at once."""

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        clock: Clock,
        business_clock: Clock,
        profile: Profile,
        feedback: Feedback,
        *,
        company: str,
        planned: Wakeup,
        tell_apart: bool = False,
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._clock = clock
        self._business_clock = business_clock
        self._profile = profile
        self._feedback = feedback
        self._company = company
        self._planned = planned
        # The fault that a negative control makes: events are committed apart from what they tell of.
        self._tell_apart = tell_apart

    async def run(self) -> None:
        """Judge until cancelled."""
        while True:
            try:
                judged = await self.judge_once()
            except httpx.HTTPError as fault:
                # Who cannot be asked is asked later; the items are given back and nothing is lost.
                _log.warning("scheduler.waits", reason=type(fault).__name__)
                await self._planned.wait(AWAY_SECONDS)
                continue
            if not judged:
                await self._planned.wait(POLL_SECONDS)

    async def judge_once(self) -> int:
        """Judge one batch of what is due; how many were claimed."""
        token = new_id()
        async with self._database.write_raw() as connection:
            items = await repository.claim(connection, self._business_clock.now(), token, BATCH)
        if not items:
            return 0
        crash_point("care.claimed")
        try:
            known = await self._ask(items)
        except BaseException:
            async with self._database.write_raw() as connection:
                await repository.give_back(connection, token)
            raise
        crash_point("care.asked")
        await self._settle(items, known, token)
        crash_point("care.judged")
        return len(items)

    async def _ask(self, items: Sequence[Item]) -> Known:
        facts = await self._profile.facts(sorted({item.customer_id for item in items}))
        references = [item.reference for item in items if item.reference is not None]
        return Known(facts, await self._feedback.contents(references) if references else {})

    async def _settle(self, items: Sequence[Item], known: Known, token: UUID) -> None:
        """Decide about all in one transaction; if one of them makes that impossible, about one customer at a time."""
        try:
            await self._decide(items, known, token)
        except (asyncpg.PostgresError, ArithmeticError, LookupError, TypeError, ValueError) as fault:
            # A time-out while the database answers others may be the fault of one customer's data.
            if is_transient(fault) and not await self._database.answers():
                raise
            customers = {item.customer_id for item in items}
            _log.exception("scheduler.stumbled", customers=len(customers))
            if len(customers) == 1:
                await self._stumble(items, fault, token)
                return
            for customer_id in sorted(customers):
                await self._settle([item for item in items if item.customer_id == customer_id], known, token)

    async def _stumble(self, items: Sequence[Item], fault: Exception, token: UUID) -> None:
        """Let the items rest for a lease; those that have stumbled too often are given up, and everybody sees why."""
        now = self._business_clock.now()
        async with self._database.write_raw() as connection:
            counted = await repository.stumbled(connection, token, [item.id for item in items])
            hopeless = [_given_up(item, fault) for item in items if counted.get(item.id, (0,))[0] >= MOST_STUMBLES]
            if hopeless:
                await self._keep(connection, hopeless, {key: version for key, (_, version) in counted.items()}, now)
        _count(hopeless)

    async def _decide(self, items: Sequence[Item], known: Known, token: UUID) -> None:
        now = self._business_clock.now()
        customer_ids = sorted({item.customer_id for item in items})
        async with self._database.write_raw() as connection:
            await gates.take_turns(connection, customer_ids)
            versions = await repository.still_ours(connection, token, [item.id for item in items])
            rules = await _rules(connection)
            histories = await gates.histories(connection, customer_ids, contacts_after=now - longest(rules.caps))
            waiting = await repository.waiting(connection, customer_ids, now + longest(rules.caps))
            mine = {item.id for item in items} & versions.keys()
            decisions = [
                decision
                for customer_id, theirs in _by_customer(waiting).items()
                for decision in decide(theirs, mine, histories[customer_id], rules, known, now, self._company)
            ]
            if not decisions:
                return
            await self._keep(connection, decisions, versions, now)
            given = [each for each in decisions if each.state == "due" and each.item.purpose != EXEMPT_PURPOSE]
            await gates.add_contacts(connection, [(each.item.id, each.item.customer_id) for each in given], now)
            crash_point("care.before_commit")
        _count(decisions)

    async def _keep(
        self, connection: WriteConnection, decisions: Sequence[Decision], versions: Mapping[UUID, int], now: datetime
    ) -> None:
        await repository.decide(connection, decisions, now)
        await repository.keep_contents(connection, decisions, now)
        await self._tell(connection, decisions, versions)

    async def _tell(
        self, connection: WriteConnection, decisions: Sequence[Decision], versions: Mapping[UUID, int]
    ) -> None:
        events = [
            (_event(each), encode("car", each.item.id), versions[each.item.id] + 1, self._clock.now())
            for each in decisions
        ]
        if self._tell_apart:
            async with self._database.write_raw() as apart:
                await self._outbox.append_many(apart, events)
        else:
            await self._outbox.append_many(connection, events)


def decide(
    waiting: Sequence[Item],
    mine: set[UUID],
    history: History,
    rules: Rules,
    known: Known,
    now: datetime,
    company: str,
) -> list[Decision]:
    """What is to become of those items in `mine`, seen among all that waits for the same customer. Pure."""
    judged: list[tuple[Item, Cell | None, Judgement]] = []
    contents: dict[UUID, Content | None] = {}
    for item in waiting:
        facts = known.facts.get(item.customer_id)
        cell = rules.cell(facts, item)
        judgement = judge(item, facts, cell, history, max(now, item.due_at))
        if item.id in mine and judgement.outcome == "send" and facts is not None:
            contents[item.id], verdict = _content(item, facts, cell, judgement.means, rules, known, company)
            judgement = judgement.then(verdict)
        judged.append((item, cell, judgement))
    capped = with_caps(judged, history, rules.caps, now)
    return [
        Decision(
            item,
            capped[item],
            STATES[capped[item].outcome],
            cell.name if cell else None,
            contents.get(item.id) if capped[item].outcome == "send" else None,
        )
        for item, cell, _ in judged
        if item.id in mine
    ]


def _content(
    item: Item, facts: Facts, cell: Cell | None, means: Means | None, rules: Rules, known: Known, company: str
) -> tuple[Content | None, Verdict]:
    said = known.said.get(item.reference or "")
    if item.reference is not None and item.reference.startswith(PREFIXES) and said is None:
        return None, Verdict("content", "no", "reference_gone")
    template = rules.templates.get(cell.template_key or "") if cell else None
    if template is None:
        return None, Verdict("content", "no", "no_template")
    return rendered(item, facts, means, template, said, company)


def _given_up(item: Item, fault: Exception) -> Decision:
    """What nobody could decide about is not sent; the kind of fault is shown, and never its words, which hold data."""
    verdict = Verdict("content", "no", "cannot_be_decided", {"fault": type(fault).__name__})
    return Decision(item, Judgement((verdict,), None), STATES["no"], None, None)


def _count(decisions: Sequence[Decision]) -> None:
    for each in decisions:
        deciding = each.judgement.deciding
        JUDGED.labels(each.judgement.outcome, deciding.gate if deciding else "").inc()


async def _rules(connection: WriteConnection) -> Rules:
    rows = await templates.newest(connection)
    return Rules(
        caps=await gates.caps(connection),
        cells=await matrix.cells(connection),
        templates={row["key"]: Template.of_row(row) for row in rows},
    )


def _by_customer(items: Sequence[Item]) -> dict[UUID, list[Item]]:
    found: dict[UUID, list[Item]] = {}
    for item in items:
        found.setdefault(item.customer_id, []).append(item)
    return found


def _event(decision: Decision) -> EventPayload:
    item, judgement = decision.item, decision.judgement
    named = {
        "care_id": item.id,
        "customer_id": item.customer_id,
        "occasion": item.occasion,
        "reference": item.reference,
    }
    match decision.state:
        case "due":
            return CareDue.model_validate(
                named
                | {
                    "occasion_key": item.occasion_key,
                    "purpose": item.purpose,
                    "means": judgement.means,
                    "cell": decision.cell,
                    "due_at": item.due_at,
                    "not_after": item.not_after,
                }
            )
        case "held":
            return CareHeld.model_validate(named | {"gate": _gate(judgement), "until": judgement.until})
        case "expired":
            return CareExpired.model_validate(named)
    return CareSuppressed.model_validate(named | {"gate": _gate(judgement)})


def _gate(judgement: Judgement) -> str:
    deciding = judgement.deciding
    return deciding.gate if deciding else ""
