"""What feedback does when something happened elsewhere."""

from careline.app import Service
from careline.consumer import Consumer, Handler
from careline.database import WriteSession
from careline.events import Event
from careline.wakeups import Wakeup
from feedback.invitations import follow
from feedback.sampling import closings


def handlers(service: Service, closed: Wakeup, replied: Wakeup) -> dict[str, Handler]:
    """Event type → what it changes in surveys."""
    return closings.handlers(service, closed) | follow.handlers(service, replied)


def consumers(service: Service, closed: Wakeup, replied: Wakeup, of_complaints: dict[str, Handler]) -> list[Consumer]:
    """The consumers of this service."""
    return [
        Consumer(
            service.database,
            service.settings,
            group="feedback-surveys",
            topics=["interaction", "complaint", "care", "delivery"],
            handlers=combined(handlers(service, closed, replied), of_complaints),
        )
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

    return handle
