"""Whatever happens in whatever order, nothing is sent that breaks a rule.

Customers change their minds, complain and move, time jumps, senders lag and judges take a part of what is due; a second
opinion, written without the gates, looks at everything that leaves.
"""

from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from care_scheduler.contents.rendering import Template
from care_scheduler.contents.repository import Contact
from care_scheduler.contents.service import again, capped_again
from care_scheduler.gates.model import Cap, Cell, Facts, History, Item
from care_scheduler.items.repository import Decision
from care_scheduler.items.scheduler import Known, Rules, decide
from care_scheduler.templates.texts import Texts

from ..factories import most_in_any_window, some_facts

START: Final = datetime(2026, 11, 23, 2, tzinfo=UTC)
CUSTOMERS: Final = 2
PURPOSES: Final = ("marketing", "survey", "service")
CHANNEL: Final = {"mail": "mail", "phone_task": "phone", "card": "letter"}
ZONES: Final = ("Asia/Shanghai", "America/New_York", "Europe/London")
CAPS: Final = [Cap(1, 1), Cap(7, 2)]
TEMPLATE: Final = Template("t", 1, {"en": Texts("Hello", "Hello {{ customer.name | default: 'you' }}", "Hello")})
PRIORITIES: Final = {"birthday": 60, "three_months": 40, "follow_up": 80, "complaint_answered": 90}
MEANS: Final = ("mail", "mail", "mail", "phone_task", "card", "none")


class Play:
    """The care of two customers for some weeks; `chance` chooses what happens."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.now = START
        self.number = 0
        self.facts: list[Facts] = [some_facts(UUID(int=number + 1)) for number in range(CUSTOMERS)]
        self.suppressed: list[set[tuple[str, str]]] = [set() for _ in range(CUSTOMERS)]
        self.complaints: list[set[UUID]] = [set() for _ in range(CUSTOMERS)]
        self.means: dict[str, Any] = dict.fromkeys(PRIORITIES, "mail")
        self.waiting: list[Item] = []
        self.due: dict[UUID, Decision] = {}
        # What left: purpose, customer, moment.
        self.left: list[tuple[str, int, datetime]] = []
        self.contacts: dict[UUID, tuple[int, datetime]] = {}

    def run(self, steps: int) -> None:
        """Let `steps` things happen."""
        happenings = [
            (self.consents, 3),
            (self.chooses, 2),
            (self.sleeps, 2),
            (self.moves_house, 1),
            (self.unsubscribes, 1),
            (self.resubscribes, 2),
            (self.complains, 2),
            (self.manager_edits, 2),
            (self.plans, 24),
            (self.time_passes, 16),
            (self.judges, 24),
            (self.sends, 12),
        ]
        chosen = self.chance.choices([each for each, _ in happenings], [weight for _, weight in happenings], k=steps)
        for happening in chosen:
            happening(self.chance.randrange(CUSTOMERS))

    def consents(self, customer: int) -> None:
        """A customer allows something, forbids it, or takes both back."""
        about = (self.chance.choice(PURPOSES), self.chance.choice(list(CHANNEL.values())))
        state = self.chance.choice(["granted", "granted", "granted", "withdrawn", None])
        consents = {key: value for key, value in self.facts[customer].consents.items() if key != about}
        self._learn(customer, consents=consents | ({about: state} if state else {}))

    def chooses(self, customer: int) -> None:
        """A customer chooses a channel."""
        self._learn(customer, preferred_channel=self.chance.choice([None, None, None, "mail", "phone", "none"]))

    def sleeps(self, customer: int) -> None:
        """A customer moves, or sleeps at other hours."""
        night = {"quiet_from": time(self.chance.randrange(18, 24)), "quiet_to": time(self.chance.randrange(5, 11))}
        self._learn(customer, time_zone=self.chance.choice(ZONES), **night)

    def moves_house(self, customer: int) -> None:
        """An address comes or goes."""
        self._learn(customer, mail=self.chance.choice(["a@customer.example", "a@customer.example", None]))

    def unsubscribes(self, customer: int) -> None:
        """One click in a mail."""
        self.suppressed[customer].add((self.chance.choice(PURPOSES), "mail"))

    def resubscribes(self, customer: int) -> None:
        """The customer has said yes again."""
        self.suppressed[customer].clear()

    def complains(self, customer: int) -> None:
        """A complaint is opened, or all are closed."""
        self.complaints[customer] = {UUID(int=9)} if self.chance.random() < 0.3 else set()

    def manager_edits(self, _: int) -> None:
        """A care manager changes the matrix."""
        self.means[self.chance.choice(list(PRIORITIES))] = self.chance.choice(MEANS)

    def plans(self, customer: int) -> None:
        """Something is planned, ahead of its time or late."""
        self.number += 1
        occasion = self.chance.choice(list(PRIORITIES))
        purpose: Any = {"follow_up": "survey", "complaint_answered": "service"}.get(occasion, "marketing")
        due_at = self.now + timedelta(hours=self.chance.randint(-6, 30))
        ids = (UUID(int=1000 + self.number), self.facts[customer].customer_id, occasion, str(self.number))
        not_after = due_at + timedelta(hours=self.chance.randint(6, 300))
        self.waiting.append(Item(*ids, purpose, None, due_at, not_after))

    def time_passes(self, _: int) -> None:
        """Some hours go by, and now and then some days."""
        self.now += timedelta(minutes=self.chance.randint(1, 60 * self.chance.choice([2, 8, 8, 100])))

    def judges(self, customer: int) -> None:
        """A judge takes what is due, or only a part of it, in whichever order."""
        self._judge(customer, reverse=self.chance.random() < 0.5, alone=self.chance.random() < 0.3)

    def sends(self, _: int) -> None:
        """The router fetches what is due, however late, and sends what still may be sent."""
        fetched = sorted(self.due)
        self.chance.shuffle(fetched)
        for care_id in fetched[: self.chance.choice([1, 1, 9])]:
            self._send(care_id)

    def _judge(self, customer: int, *, reverse: bool, alone: bool) -> None:
        theirs = [item for item in self.waiting if item.customer_id == self.facts[customer].customer_id]
        mine = sorted((item for item in theirs if item.due_at <= self.now), key=lambda item: item.id, reverse=reverse)
        taken = {item.id for item in (mine[:1] if alone else mine)}
        rules = Rules(CAPS, {("regular", name): self._cell(name) for name in PRIORITIES}, {"t": TEMPLATE})
        known = Known({self.facts[customer].customer_id: self.facts[customer]}, {})
        contacts = tuple(at for who, at in self.contacts.values() if who == customer)
        history = History(frozenset(self.suppressed[customer]), frozenset(self.complaints[customer]), contacts)
        for decision in decide(theirs, taken, history, rules, known, self.now, "Careline"):
            self.waiting.remove(decision.item)
            if decision.state == "held":
                assert decision.judgement.until is not None
                item = decision.item
                ids = (item.id, item.customer_id, item.occasion, item.occasion_key, item.purpose, item.reference)
                self.waiting.append(Item(*ids, decision.judgement.until, item.not_after))
            elif decision.state == "due":
                self.due[decision.item.id] = decision
                if decision.item.purpose != "service":
                    self.contacts[decision.item.id] = (customer, self.now)

    def _send(self, care_id: UUID) -> None:
        decision = self.due[care_id]
        item = decision.item
        customer = item.customer_id.int - 1
        row = {
            "id": item.id,
            "customer_id": item.customer_id,
            "occasion": item.occasion,
            "occasion_key": item.occasion_key,
            "purpose": item.purpose,
            "reference": item.reference,
            "due_at": item.due_at,
            "not_after": item.not_after,
            "means": decision.judgement.means,
            "cell": decision.cell,
        }
        history = History(frozenset(self.suppressed[customer]), frozenset(self.complaints[customer]))
        others = [Contact(each, at, each in self.due) for each, (who, at) in self.contacts.items() if who == customer]
        judgement = capped_again(row, again(row, self.facts[customer], history, self.now), others, CAPS, self.now)
        deciding = judgement.deciding
        if deciding is not None and deciding.says == "hold":
            return
        del self.due[care_id]
        if deciding is not None:
            self.contacts.pop(care_id, None)
            return
        assert decision.judgement.means is not None
        self._second_opinion(item, decision.judgement.means, customer)
        self.left.append((item.purpose, customer, self.now))
        if item.purpose != "service":
            self.contacts[care_id] = (customer, self.now)

    def _second_opinion(self, item: Item, means: str, customer: int) -> None:
        """The rules once more, without any of the code under test."""
        facts, channel = self.facts[customer], CHANNEL[means]
        assert item.due_at <= self.now <= item.not_after
        said = facts.consents.get((item.purpose, channel))
        assert said == "granted" if item.purpose == "marketing" else said != "withdrawn"
        assert (item.purpose, channel) not in self.suppressed[customer]
        assert {"mail": facts.mail, "phone_task": facts.phone, "card": facts.postal_address}[means] is not None
        if item.purpose == "service":
            return
        assert not self.complaints[customer]
        assert facts.preferred_channel in {None, channel}
        clock = self.now.astimezone(ZoneInfo(facts.time_zone)).time()
        begins, ends = facts.quiet_from, facts.quiet_to
        asleep = begins <= clock < ends if begins <= ends else clock >= begins or clock < ends
        assert not asleep

    def _cell(self, occasion: str) -> Cell:
        means = self.means[occasion]
        return Cell("regular", occasion, 1, means, None if means == "none" else "t", PRIORITIES[occasion])

    def _learn(self, customer: int, **changed: Any) -> None:
        self.facts[customer] = some_facts(**(_fields(self.facts[customer]) | changed))


def _fields(facts: Facts) -> dict[str, Any]:
    return {name: getattr(facts, name) for name in Facts.__dataclass_fields__}


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32))
def test_nothing_is_ever_sent_that_breaks_a_rule(seed: int) -> None:
    play = Play(Random(seed))
    play.run(150)
    for customer in range(CUSTOMERS):
        times = [at for purpose, who, at in play.left if who == customer and purpose != "service"]
        for cap in CAPS:
            assert most_in_any_window(times, cap.days) <= cap.at_most, (customer, cap, times)


def test_much_is_sent() -> None:
    """What never sends anything breaks no rule either."""
    plays = [Play(Random(seed)) for seed in range(20)]
    for play in plays:
        play.run(150)
    assert sum(len(play.left) for play in plays) > 100
    assert {purpose for play in plays for purpose, _, _ in play.left} == set(PURPOSES)
