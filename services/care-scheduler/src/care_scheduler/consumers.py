"""What the care scheduler learns from others. An event has one consumer here, whoever in this service wants it."""

from care_scheduler.customers.mirror import Mirror
from care_scheduler.items import outcomes
from care_scheduler.triggers.handlers import Triggers
from careline.app import Service
from careline.consumer import Consumer, Handler
from careline.database import WriteSession
from careline.events import Event


def consumers(service: Service, mirror: Mirror, triggers: Triggers) -> list[Consumer]:
    """The consumers of this service."""
    return [
        Consumer(
            service.database,
            service.settings,
            group="care-deliveries",
            topics=["delivery"],
            handlers=outcomes.deliveries(service.outbox, service.clock, service.business_clock),
        ),
        Consumer(
            service.database,
            service.settings,
            group="care-complaints",
            topics=["complaint"],
            handlers=combined(outcomes.complaints(), triggers.of_complaints()),
        ),
        Consumer(
            service.database,
            service.settings,
            group="care-customers",
            topics=["customer"],
            handlers=combined(outcomes.consents(), mirror.handlers()),
        ),
        Consumer(
            service.database,
            service.settings,
            group="care-surveys",
            topics=["survey"],
            handlers=triggers.of_surveys(),
        ),
    ]


def combined(*parts: dict[str, Handler]) -> dict[str, Handler]:
    """One handler for each event type, which calls what all parts want done with it, in their order."""
    wanted: dict[str, list[Handler]] = {}
    for part in parts:
        for name, handler in part.items():
            wanted.setdefault(name, []).append(handler)
    return {name: _in_turn(handlers) for name, handlers in wanted.items()}


def _in_turn(handlers: list[Handler]) -> Handler:
    async def handle(session: WriteSession, event: Event) -> None:
        for handler in handlers:
            await handler(session, event)

    return handle if len(handlers) > 1 else handlers[0]
