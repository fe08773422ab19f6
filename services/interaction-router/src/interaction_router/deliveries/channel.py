"""Deliveries in a running router: its consumer, its loops, its endpoints."""

from careline.app import Service
from careline.background import Loop
from careline.clients import ServiceClient
from careline.consumer import Consumer
from careline.objects import ObjectStore
from interaction_router.deliveries import consumers, endpoints
from interaction_router.deliveries.card_lists import CardPress
from interaction_router.deliveries.contents import Contents
from interaction_router.deliveries.letter import House
from interaction_router.deliveries.office import Office
from interaction_router.deliveries.sender import Sender
from interaction_router.deliveries.tasks import PhoneTasks
from interaction_router.settings import RouterSettings
from interaction_router.unit import Units

CONTENTS_SECONDS = 10.0

router = endpoints.router


def open_office(settings: RouterSettings, units: Units) -> Office:
    """What carries deliveries; without care's address or an identity of our own nothing is asked for or sent."""
    client = None
    if settings.care_url is not None and settings.client_id is not None:
        client = ServiceClient(settings, settings.care_url, timeout_seconds=CONTENTS_SECONDS)
    return Office(units, Contents(client), settings.delivery_lease_seconds)


def consumers_of(service: Service, office: Office) -> list[Consumer]:
    """Hears what is due; on its own, so that a flood of greetings holds up nobody who leaves."""
    return [
        Consumer(
            service.database,
            service.settings,
            group="router-care",
            topics=[consumers.TOPIC],
            handlers={},
            many=consumers.handlers(service.clock, office.arrived),
        )
    ]


def loops(settings: RouterSettings, office: Office, objects: ObjectStore) -> list[Loop]:
    """What is done without being asked."""
    if not office.contents.reachable:
        return []
    found = [
        Loop("care-calls", PhoneTasks(office).run),
        Loop("care-cards", CardPress(office, objects, settings.fonts).run),
    ]
    server = settings.mail_server()
    if server is not None:
        sender = Sender(
            server,
            office,
            House(settings.mail_sender_name, server.sender),
            lease_seconds=office.lease_seconds,
            hand_in_first=settings.control_hand_in_first,
        )
        found.append(Loop("care-mail", sender.run))
    return found
