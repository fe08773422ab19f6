"""What the frame of every service refuses."""

import pytest

from careline.app import Parts, Service, create_service
from careline.consumer import Consumer
from careline.settings import ServiceSettings

from .things import CATALOGUE


async def test_two_consumers_of_one_event_are_refused(settings: ServiceSettings) -> None:
    async def handle(_: object, __: object) -> None:
        """The inbox would let only one of the two through."""

    def two(service: Service, _: object) -> list[Consumer]:
        return [
            Consumer(service.database, settings, group=group, topics=["thing"], handlers={"thing.made": handle})
            for group in ("one", "two")
        ]

    app = create_service(settings, Parts(title="Things", routers=[], catalogue=CATALOGUE, consumers=two))
    with pytest.raises(ValueError, match=r"thing\.made"):
        async with app.router.lifespan_context(app):
            pass
