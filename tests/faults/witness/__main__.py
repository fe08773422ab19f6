"""`python -m tests.faults.witness migrate|serve`."""

from pathlib import Path

from fastapi import FastAPI
from pydantic_settings import SettingsConfigDict

from care_scheduler.events import CATALOGUE as CARE
from careline.app import Parts, Service, create_service
from careline.business_time import ADVANCED, TOPIC
from careline.consumer import Consumer, Handler
from careline.database import WriteConnection
from careline.events import Event, EventCatalogue
from careline.server import Program, main
from careline.settings import ServiceSettings
from careline.statements import execute
from customer_profile.events import CATALOGUE as PROFILE
from directory.events import CATALOGUE as DIRECTORY
from feedback.events import CATALOGUE as FEEDBACK
from interaction_router.events import CATALOGUE as ROUTER

OTHERS = (PROFILE, ROUTER, CARE, FEEDBACK, DIRECTORY)
NOTHING = EventCatalogue("witness", [])


class Settings(ServiceSettings):
    """As every service has them."""

    model_config = SettingsConfigDict(env_prefix="WITNESS_")


async def count(connection: WriteConnection, event: Event) -> None:
    """The effect."""
    await execute(
        connection,
        "INSERT INTO effects (event_id, type, aggregate, sequence, happened_at) VALUES ($1, $2, $3, $4, $5)",
        event.id,
        event.type,
        f"{event.aggregate_type} {event.aggregate_id}",
        event.sequence,
        event.occurred_at,
    )


def create_app(settings: ServiceSettings) -> FastAPI:
    """An application without endpoints of its own."""
    return create_service(
        settings,
        Parts(title="Witness", routers=[], catalogue=NOTHING, consumers=lambda service, _: [_consumer(service)]),
    )


def _consumer(service: Service) -> Consumer:
    # Business time has a consumer in every service, this one too.
    names = {name for catalogue in OTHERS for name in catalogue.payloads} - {ADVANCED}
    handlers: dict[str, Handler] = dict.fromkeys(names, count)
    topics = sorted({topic for catalogue in OTHERS for topic in catalogue.aggregate_types} - {TOPIC})
    return Consumer(service.database, service.settings, group="witness", topics=topics, handlers=handlers)


if __name__ == "__main__":
    main(
        Program(
            name="witness",
            app=f"{__name__}:create_app",
            settings=Settings,
            catalogue=NOTHING,
            migrations=Path(__file__).with_name("migrations"),
        )
    )
