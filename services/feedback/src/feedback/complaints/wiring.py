"""What complaints add to the service: routes, consumers and loops."""

from typing import Final

from fastapi import APIRouter

from careline.app import Service
from careline.background import Loop
from careline.consumer import Consumer
from feedback.complaints.actions import router as actions
from feedback.complaints.endpoints import router as complaints
from feedback.handovers.endpoints import router as handovers
from feedback.people import mirror
from feedback.timers import worker

ROUTERS: Final[list[APIRouter]] = [complaints, actions, handovers]


def consumers(service: Service) -> list[Consumer]:
    """Who works here, in which department, on which calendar."""
    return [
        Consumer(
            service.database,
            service.settings,
            group="feedback-people",
            topics=["person", "department", "calendar"],
            handlers=mirror.handlers(service),
        )
    ]


def loops(service: Service) -> list[Loop]:
    """The timers."""

    async def timers() -> None:
        await worker.run(service)

    return [Loop("complaint-timers", timers)]
