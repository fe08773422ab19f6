"""Which faults are tried. The faults of a run follow one another under one load and share its history."""

from tests.faults.deciders import freeze_decider, freeze_decision, kill_decider
from tests.faults.history import Kind
from tests.faults.injury import ALL, Injury, crash, freeze, kill

Run = list[Injury]

PURCHASE: tuple[Kind, ...] = ("purchase",)
INTERACTION: tuple[Kind, ...] = ("interaction",)
PERSON: tuple[Kind, ...] = ("person",)

# Nobody writes to the last two yet: they must be ready again, and hold nobody up.
_VICTIMS: list[list[tuple[str, tuple[Kind, ...]]]] = [
    [("customer-profile", PURCHASE)],
    [("interaction-router", INTERACTION)],
    [("directory", PERSON)],
    [("witness", ALL)],
    [("PostgreSQL", ALL)],
    [("Kafka", ALL)],
    [("care-scheduler", ()), ("feedback", ())],
]

_EDGE = ("edge.after_commit", "relay.after_send")
_CONSUMER = "consumer.after_effect"
_ROUTER_POINTS = ("unit.after_commit", "relay.after_send", _CONSUMER, "decider.before_commit", "decider.after_commit")

MATRIX: list[Run] = [
    [crash("customer-profile", point, PURCHASE) for point in (*_EDGE, _CONSUMER)],
    [crash("interaction-router", point, INTERACTION) for point in _ROUTER_POINTS],
    [*(crash("directory", point, PERSON) for point in _EDGE), crash("witness", _CONSUMER, ALL)],
    *([each(*victim) for victim in victims for each in (kill, freeze)] for victims in _VICTIMS),
    [kill_decider(), freeze_decider(), freeze_decision()],
]

SHORT: list[Run] = [
    [
        crash("customer-profile", "edge.after_commit", PURCHASE),
        crash("customer-profile", "relay.after_send", PURCHASE),
        crash("witness", "consumer.after_effect", PURCHASE),
        kill("customer-profile", PURCHASE),
        kill("PostgreSQL", ALL),
        kill("Kafka", ALL),
    ]
]
