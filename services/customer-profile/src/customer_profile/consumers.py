"""What the customer profile does when something happened elsewhere."""

from uuid import UUID

from careline.app import Service
from careline.consumer import Consumer, Handler, ManyHandler
from careline.database import WriteConnection
from careline.events import Event
from careline.ids import decode
from customer_profile.consents import service as consents
from customer_profile.consents.schemas import ConsentInput
from customer_profile.identifiers import repository as identifiers
from customer_profile.identifiers.service import verify_in
from customer_profile.staff import service as staff
from customer_profile.timeline import projection, visitors
from customer_profile.timeline.care import DUE, SENT, project_deliveries, project_due

CARE = "care-scheduler"
# A group a speaker: a topic that is not there yet, because its service has never run, keeps its whole group waiting.
GROUPS = {
    "profile-staff": ("person",),
    "profile-timeline": ("interaction", "delivery"),
    "profile-care": ("care",),
    "profile-feedback": ("complaint", "survey"),
}
# What comes ten thousand times in a row on the day of a festival.
FLOODS: dict[str, ManyHandler] = {DUE: project_due, SENT: project_deliveries}


def handlers(service: Service) -> dict[str, Handler]:
    """Event type → what it changes here."""

    async def verify(connection: WriteConnection, event: Event) -> None:
        await projection.project(connection, event)
        await learn_who_it_is(service, connection, event)

    async def leaving(connection: WriteConnection, event: Event) -> None:
        await staff.leaving(connection, service.outbox, event)

    async def unsubscribed(connection: WriteConnection, event: Event) -> None:
        await withdraw(service, connection, event)

    return dict.fromkeys(projection.PROJECTED, projection.project) | {
        "person.registered": staff.registered,
        "person.leaving": leaving,
        "person.deactivated": staff.deactivated,
        "care.unsubscribed": unsubscribed,
        "interaction.identity_verified": verify,
    }


async def withdraw(service: Service, connection: WriteConnection, event: Event) -> None:
    """The customer followed the link in a mail: that is a word for the ledger, and the mail is its proof."""
    withdrawal = ConsentInput(
        purpose=event.data["purpose"],
        channel=event.data["channel"],
        state="withdrawn",
        source="care_unsubscribe",
        proof=event.data["care_id"],
    )
    customer_id = decode("cus", event.data["customer_id"])
    await consents.append(connection, service.outbox, customer_id, withdrawal, recorded_by=CARE, now=event.occurred_at)


async def learn_who_it_is(service: Service, connection: WriteConnection, event: Event) -> None:
    """The person behind an interaction is verified: so is the identifier they came with, and their visitor is known."""
    customer_id = decode("cus", event.data["customer_id"])
    identifier_id = await _checked(connection, customer_id, event)
    if identifier_id is not None:
        await verify_in(
            connection, service.outbox, customer_id, [identifier_id], method=event.data["method"], now=event.occurred_at
        )
    if event.data["visitor_id"] is not None:
        visitor_id = decode("vis", event.data["visitor_id"])
        await visitors.link(connection, service.outbox, customer_id, visitor_id, event.occurred_at)


async def _checked(connection: WriteConnection, customer_id: UUID, event: Event) -> UUID | None:
    """Exactly what was checked; if only its kind is known, the customer's one claimed identifier of that kind."""
    if event.data.get("identifier_id") is not None:
        return decode("idf", event.data["identifier_id"])
    kind = event.data["identifier_type"]
    return None if kind is None else await identifiers.only_claimed(connection, customer_id, kind)


def consumers(service: Service) -> list[Consumer]:
    """The consumers of this service."""
    known = handlers(service)
    return [
        Consumer(
            service.database,
            service.settings,
            group=group,
            topics=topics,
            handlers={event: handler for event, handler in known.items() if _topic_of(event) in topics},
            many={event: handler for event, handler in FLOODS.items() if _topic_of(event) in topics},
        )
        for group, topics in GROUPS.items()
    ]


def _topic_of(event_type: str) -> str:
    """The aggregate that an event is about is its first word, but for answers, which are about a survey."""
    noun = event_type.partition(".")[0]
    return "survey" if noun == "feedback" else noun
