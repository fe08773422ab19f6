"""What the directory does when something happened elsewhere."""

from careline.app import Service
from careline.consumer import Consumer, Handler
from careline.database import WriteSession
from careline.events import Event
from careline.ids import decode
from directory.leavings import service as leavings


def handlers(service: Service) -> dict[str, Handler]:
    """Event type → what it changes here."""

    async def acknowledge(session: WriteSession, event: Event) -> None:
        await leavings.acknowledge(
            session,
            service.outbox,
            decode("lve", event.data["leaving_id"]),
            event.data["service"],
            event.data["moved"],
            now=service.clock.now(),
        )

    return {"leaving.acknowledged": acknowledge}


def consumers(service: Service) -> list[Consumer]:
    """The consumers of this service."""
    return [
        Consumer(
            service.database,
            service.settings,
            group="directory-leavings",
            topics=["leaving"],
            handlers=handlers(service),
        )
    ]
