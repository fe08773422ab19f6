"""Which faults are tried. Each run has one history; the short form has one history over six faults."""

from tests.faults.deciders import freeze_decider, kill_decider
from tests.faults.history import Kind
from tests.faults.injury import ALL, Injury, crash, freeze, kill

Run = list[Injury]

PURCHASE: tuple[Kind, ...] = ("purchase",)
INTERACTION: tuple[Kind, ...] = ("interaction",)
PERSON: tuple[Kind, ...] = ("person",)

_VICTIMS: list[tuple[str, tuple[Kind, ...]]] = [
    ("customer-profile", PURCHASE),
    ("interaction-router", INTERACTION),
    ("directory", PERSON),
    ("witness", ALL),
    ("PostgreSQL", ALL),
    ("Kafka", ALL),
]

_CRASHES: list[tuple[str, str, tuple[Kind, ...]]] = [
    ("customer-profile", "edge.after_commit", PURCHASE),
    ("interaction-router", "unit.after_commit", INTERACTION),
    ("directory", "edge.after_commit", PERSON),
    ("customer-profile", "relay.after_send", PURCHASE),
    ("interaction-router", "relay.after_send", INTERACTION),
    ("directory", "relay.after_send", PERSON),
    ("customer-profile", "consumer.after_effect", PURCHASE),
    ("interaction-router", "consumer.after_effect", INTERACTION),
    ("witness", "consumer.after_effect", ALL),
    ("interaction-router", "decider.before_commit", INTERACTION),
    ("interaction-router", "decider.after_commit", INTERACTION),
]

MATRIX: list[Run] = [
    *([crash(*each)] for each in _CRASHES),
    *([kill(*each)] for each in _VICTIMS),
    *([freeze(*each)] for each in _VICTIMS),
    # Nobody writes to these two yet: they must be ready again, and hold nobody up.
    [each(name, ()) for each in (kill, freeze) for name in ("care-scheduler", "feedback")],
    [kill_decider()],
    [freeze_decider()],
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
