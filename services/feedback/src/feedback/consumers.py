"""What feedback does when something happened elsewhere."""

from careline.app import Service
from careline.consumer import Consumer, Handler, combined
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
