"""What feedback does when something happened elsewhere."""

from careline.app import Service
from careline.consumer import Consumer
from careline.wakeups import Wakeup
from feedback.invitations import follow
from feedback.sampling import closings


def consumers(service: Service, closed: Wakeup, replied: Wakeup) -> list[Consumer]:
    """The consumers of this service."""
    return [
        Consumer(
            service.database,
            service.settings,
            group="feedback-surveys",
            topics=["interaction", "complaint", "care", "delivery"],
            handlers=closings.handlers(service, closed) | follow.handlers(service, replied),
        )
    ]
