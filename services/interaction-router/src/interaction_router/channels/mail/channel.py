"""The mail channel of a running router: its loops, if it is configured."""

from careline.app import Service
from careline.background import Loop, Periodic
from careline.leases import Lease
from careline.objects import ObjectStore
from interaction_router.channels.mail import endpoints, ignored, ignored_endpoints
from interaction_router.channels.mail.arrivals import Arrivals
from interaction_router.channels.mail.identity import name_server
from interaction_router.channels.mail.incoming import LEASE_SECONDS, Incoming
from interaction_router.channels.mail.mailbox import Account
from interaction_router.channels.mail.outgoing import Outgoing
from interaction_router.customers.client import Customers
from interaction_router.settings import LOOPBACK, RouterSettings
from interaction_router.unit import Units

ROUTERS = (endpoints.router, ignored_endpoints.router)
PRUNE_SECONDS = 300.0


def open_arrivals(
    settings: RouterSettings, units: Units, customers: Customers, objects: ObjectStore
) -> Arrivals | None:
    """What takes mails in; None without a mailbox."""
    address = settings.mail_address
    if not (settings.mail_imap_host and address):
        return None
    return Arrivals(units, customers, objects, name_server(settings.dkim_nameserver), address, settings.mail_queue)


def loops(
    service: Service, settings: RouterSettings, units: Units, arrivals: Arrivals | None, objects: ObjectStore
) -> list[Loop | Periodic]:
    """The loops that read the mailbox and send answers; none without a mailbox."""
    host, server = settings.mail_imap_host, settings.mail_server()
    if not (arrivals and host and server and settings.mail_imap_user and settings.mail_imap_password):
        return []
    account = Account(
        host=host,
        port=settings.mail_imap_port,
        tls=host not in LOOPBACK if settings.mail_imap_tls is None else settings.mail_imap_tls,
        user=settings.mail_imap_user,
        password=settings.mail_imap_password.get_secret_value(),
    )
    lease = Lease(service.database, f"mailbox:{arrivals.address}", ttl_seconds=LEASE_SECONDS)
    outgoing = Outgoing(server, units, settings.mail_sender_name, lease_seconds=settings.delivery_lease_seconds)

    async def prune() -> None:
        await ignored.prune(units, objects)

    return [
        Loop("mail-in", Incoming(account, arrivals, lease).run),
        Loop("mail-out", outgoing.run),
        Periodic("mail-prune", PRUNE_SECONDS, prune),
    ]
