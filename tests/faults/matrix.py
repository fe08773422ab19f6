"""Which faults are tried. The faults of a run follow one another under one load and share its history."""

from tests.faults.deciders import freeze_decider, freeze_decision, kill_decider
from tests.faults.history import Kind
from tests.faults.injury import ALL, Injury, crash, freeze, halt, kill

Run = list[Injury]

PURCHASE: tuple[Kind, ...] = ("purchase",)
INTERACTION: tuple[Kind, ...] = ("interaction",)
PERSON: tuple[Kind, ...] = ("person",)
COMPLAINT: tuple[Kind, ...] = ("complaint",)
NOBODY: tuple[Kind, ...] = ()

# Nobody writes to the scheduler and the sender; that they work again is seen by what they say.
DUE = ("care.due",)
SENT = ("delivery.sent",)
INVITED = ("survey.invited",)

_VICTIMS: list[tuple[str, tuple[Kind, ...], tuple[str, ...]]] = [
    ("customer-profile", PURCHASE, ()),
    ("interaction-router", INTERACTION, SENT),
    ("care-scheduler", NOBODY, DUE),
    ("feedback", COMPLAINT, INVITED),
    ("directory", PERSON, ()),
    ("witness", ALL, ()),
    ("PostgreSQL", ALL, (*DUE, *SENT)),
    ("Kafka", ALL, (*DUE, *SENT)),
]

_EDGE = ("edge.after_commit", "relay.after_send")
_CONSUMER = "consumer.after_effect"
_ROUTER_POINTS = ("unit.after_commit", "relay.after_send", _CONSUMER, "decider.before_commit", "decider.after_commit")
_SENDER_POINTS = ("delivery.sending", "delivery.handed_in")
_CARE_POINTS = ("care.claimed", "care.asked", "care.before_commit", "care.judged", *_EDGE, _CONSUMER)
_FEEDBACK_POINTS = (*_EDGE, _CONSUMER, "timers.claimed", "timers.before_commit")

MATRIX: list[Run] = [
    [crash("customer-profile", point, PURCHASE) for point in (*_EDGE, _CONSUMER)],
    [crash("interaction-router", point, INTERACTION) for point in _ROUTER_POINTS],
    [crash("interaction-router", point, NOBODY, SENT) for point in _SENDER_POINTS],
    [crash("care-scheduler", point, NOBODY, DUE) for point in _CARE_POINTS],
    [crash("feedback", point, COMPLAINT) for point in _FEEDBACK_POINTS],
    [*(crash("directory", point, PERSON) for point in _EDGE), crash("witness", _CONSUMER, ALL)],
    *([each(*victim) for each in (kill, freeze)] for victim in _VICTIMS),
    # Killing it would empty its mailboxes.
    [freeze("GreenMail", NOBODY, SENT)],
    [
        kill_decider(),
        freeze_decider(),
        freeze_decision(),
        halt("interaction-router", "delivery.sending", SENT, replicas=1),
    ],
]

# What the dead scheduler and sender held waits for the end of their leases, so they come first.
SHORT: list[Run] = [
    [
        crash("care-scheduler", "care.before_commit", NOBODY, DUE),
        crash("interaction-router", "delivery.handed_in", NOBODY, SENT),
        crash("feedback", "edge.after_commit", COMPLAINT),
        crash("customer-profile", "relay.after_send", PURCHASE),
        crash("witness", _CONSUMER, PURCHASE),
        kill("PostgreSQL", ALL),
        kill("Kafka", ALL, DUE),
    ]
]
