"""What the customer profile does when something happened elsewhere."""

from careline.app import Service
from careline.consumer import Consumer, Handler
from careline.database import WriteSession
from careline.events import Event
from careline.ids import decode
from customer_profile.identifiers import repository as identifiers
from customer_profile.identifiers.service import verify_in
from customer_profile.timeline import projection, visitors


def handlers(service: Service) -> dict[str, Handler]:
    """Event type → what it changes here."""

    async def verify(session: WriteSession, event: Event) -> None:
        await projection.project(session, event)
        await learn_who_it_is(service, session, event)

    return {
        "interaction.opened": projection.project,
        "interaction.customer_linked": projection.project,
        "interaction.identity_verified": verify,
        "interaction.closed": projection.project,
        "interaction.abandoned": projection.project,
    }


async def learn_who_it_is(service: Service, session: WriteSession, event: Event) -> None:
    """The person behind an interaction is verified: so is the identifier they came with, and their visitor is known."""
    customer_id = decode("cus", event.data["customer_id"])
    kind = event.data["identifier_type"]
    if kind is not None:
        # The event says which kind was checked, not which value: with two claimed ones nobody can tell.
        identifier_id = await identifiers.only_claimed(session, customer_id, kind)
        if identifier_id is not None:
            await verify_in(
                session,
                service.outbox,
                customer_id,
                [identifier_id],
                method=event.data["method"],
                now=event.occurred_at,
            )
    if event.data["visitor_id"] is not None:
        visitor_id = decode("vis", event.data["visitor_id"])
        await visitors.link(session, service.outbox, customer_id, visitor_id, event.occurred_at)


def consumers(service: Service) -> list[Consumer]:
    """The consumers of this service."""
    return [
        Consumer(
            service.database,
            service.settings,
            group="profile-timeline",
            topics=["interaction"],
            handlers=handlers(service),
        )
    ]
