"""What complaints add to the service: routes, state, consumers and loops."""

from typing import Any, Final, cast

from fastapi import APIRouter

from careline.app import Service
from careline.background import Loop, Periodic
from careline.consumer import Consumer, Handler
from careline.wakeups import Wakeup
from feedback.complaints import contacts, notices
from feedback.complaints.actions import router as actions
from feedback.complaints.contacts import Contacts
from feedback.complaints.contents import teller
from feedback.complaints.endpoints import router as complaints
from feedback.complaints.links import WordLinks
from feedback.complaints.partners import router as partners
from feedback.complaints.public import router as public
from feedback.complaints.replies import Replies, RouterClient
from feedback.contents.registry import Teller
from feedback.handovers.endpoints import router as handovers
from feedback.people import mirror
from feedback.sampling.customers import ProfileClient
from feedback.settings import Settings
from feedback.standards.endpoints import router as standards
from feedback.timers import worker

ROUTERS: Final[list[APIRouter]] = [complaints, partners, public, actions, handovers, standards]


def state(service: Service, profile: ProfileClient, router: RouterClient) -> dict[str, Any]:
    """What requests and loops of complaints find in the lifespan state."""
    settings = cast("Settings", service.settings)
    replied = Wakeup()
    return {
        "word_links": WordLinks(settings.link_key.get_secret_value(), settings.public_url),
        "complaint_replied": replied,
        "complaint_contacts": Contacts(service, profile),
        "complaint_replies": Replies(service, router, replied),
    }


def tellers(links: WordLinks) -> dict[str, Teller]:
    """What care is told of complaints."""
    return {"cmp": teller(links)}


def of_care(service: Service, state: dict[str, Any]) -> dict[str, Handler]:
    """What care and the router say of notices; surveys listen to the same events, so one consumer hears both."""
    return notices.handlers(service, state["complaint_replied"])


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


def loops(service: Service, state: dict[str, Any]) -> list[Loop | Periodic]:
    """The timers, the replies by mail, and the question who somebody is."""
    unknown: Contacts = state["complaint_contacts"]
    replies: Replies = state["complaint_replies"]

    async def timers() -> None:
        await worker.run(service)

    firing = [Loop(f"complaint-timers-{number}", timers) for number in range(worker.AT_ONCE)]
    return [
        *firing,
        Loop("complaint-replies", replies.run),
        Periodic("complaint-contacts", contacts.EVERY_SECONDS, unknown.run),
    ]
