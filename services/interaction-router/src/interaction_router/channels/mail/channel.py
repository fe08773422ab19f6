"""The mail channel of a running router: its loops, if it is configured."""

from careline.app import Service
from careline.background import Loop
from careline.leases import Lease
from careline.objects import ObjectStore
from interaction_router.channels.mail.arrivals import Arrivals
from interaction_router.channels.mail.identity import name_server
from interaction_router.channels.mail.incoming import LEASE_SECONDS, Incoming
from interaction_router.channels.mail.mailbox import Account
from interaction_router.channels.mail.outgoing import Outgoing
from interaction_router.customers.client import Customers
from interaction_router.settings import LOOPBACK, RouterSettings
from interaction_router.unit import Units


def loops(
    service: Service, settings: RouterSettings, units: Units, customers: Customers, objects: ObjectStore
) -> list[Loop]:
    """The loops that read the mailbox and send answers; none without a mailbox."""
    host, address, server = settings.mail_imap_host, settings.mail_address, settings.mail_server()
    if not (host and server and address and settings.mail_imap_user and settings.mail_imap_password):
        return []
    account = Account(
        host=host,
        port=settings.mail_imap_port,
        tls=host not in LOOPBACK if settings.mail_imap_tls is None else settings.mail_imap_tls,
        user=settings.mail_imap_user,
        password=settings.mail_imap_password.get_secret_value(),
    )
    arrivals = Arrivals(units, customers, objects, name_server(settings.dkim_nameserver), address, settings.mail_queue)
    lease = Lease(service.database, f"mailbox:{address}", ttl_seconds=LEASE_SECONDS)
    outgoing = Outgoing(server, units, settings.mail_sender_name)
    return [
        Loop("mail-in", Incoming(account, arrivals, lease).run),
        Loop("mail-out", outgoing.run),
    ]
