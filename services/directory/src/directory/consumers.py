"""What the directory does when something happened elsewhere."""

from careline.app import Service
from careline.consumer import Consumer, Handler
from careline.database import WriteConnection
from careline.events import Event
from careline.ids import decode
from directory.leavings.acknowledging import acknowledge


def handlers(service: Service) -> dict[str, Handler]:
    """Event type → what it changes here."""

    async def acknowledged(connection: WriteConnection, event: Event) -> None:
        await acknowledge(
            connection,
            service.outbox,
            decode("lve", event.data["leaving_id"]),
            event.data["service"],
            event.data["moved"],
            now=service.clock.now(),
        )

    return {"leaving.acknowledged": acknowledged}


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
