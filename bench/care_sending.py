"""care.gated_per_s: care that is due goes through all gates, is rendered, and reaches a real mail server, per second.

Ten thousand customers with consent and an address; their greetings fall due at one moment. The scheduler asks the
profile, judges, renders and says `care.due` on Kafka; the router hears it, asks care for the contents, which judges
once more and asks the profile again, and hands each mail to GreenMail over SMTP. Measured from the commit that makes
the greetings due to the commit of the last `sent`, every process as in production, one of each. A first thousand
warms up. Mails are counted at the mail server, too: each customer has got exactly one.
"""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from time import monotonic

import asyncpg
from imapclient import IMAPClient

from bench.house import cpu_seconds, house
from bench.people import load_customers
from bench.rows import Figure
from careline_local.parts.greenmail import GreenMail
from careline_local.parts.ports import LOOPBACK
from tests.faults.stand import Stand

IDS = ("care.gated_per_s",)
SERVICES = ["directory", "customer-profile", "interaction-router", "care-scheduler"]
CUSTOMERS = 10_000
WARM = 1_000
MIRROR_SECONDS = 120
SEND_SECONDS = 240
LOOK_SECONDS = 0.1
# The mail server keeps all mails in memory.
HEAP_MB = 512
SAMPLE = 200
CARE_ADDRESS = "care@careline.example"

_CONSENT = """
INSERT INTO consents (id, customer_id, number, purpose, channel, state, source, recorded_by, recorded_at)
SELECT uuidv7(), id, 1, 'marketing', 'mail', 'granted', 'bench', 'bench', now() FROM customers
"""
# It is day for everybody, whenever the benchmark runs.
_DAY = "UPDATE customers SET time_zone = 'UTC', quiet_from = $1::time, quiet_to = $2::time"
_MIRRORED = "SELECT finished_at IS NOT NULL FROM care_backfill"
_PLAN = """
INSERT INTO care_items (id, customer_id, occasion, occasion_key, purpose, due_at, not_after, created_at)
SELECT uuidv7(), id, 'great_cold', 'bench', 'marketing', clock_timestamp(), clock_timestamp() + interval '2 hours',
       clock_timestamp()
FROM unnest($1::uuid[]) AS given (id)
"""
_ENDED = "SELECT state, count(*) AS number FROM deliveries WHERE ended_at IS NOT NULL GROUP BY state"
_JUDGED = "SELECT state, count(*) AS number FROM care_items GROUP BY state"


async def measure() -> list[Figure]:
    """One run."""
    async with house(SERVICES) as stand:
        folder, log = stand.folders.data / "greenmail", stand.folders.log("greenmail")
        mail = GreenMail(folder, mailboxes={CARE_ADDRESS: "bench"}, heap_mb=HEAP_MB, log=log)
        await asyncio.to_thread(mail.start)
        try:
            customers = await _load(stand)
            await asyncio.to_thread(_serve, stand, mail)
            await _mirrored(stand)
            await _send(stand, customers[:WARM], WARM)
            before = {name: cpu_seconds(stand.service(name)) for name in SERVICES}
            mail_before = cpu_seconds(mail)
            seconds = await _send(stand, customers[WARM:], len(customers))
            costs = {name: cpu_seconds(stand.service(name)) - before[name] for name in SERVICES}
            costs["GreenMail"] = cpu_seconds(mail) - mail_before
            await asyncio.to_thread(_each_got_one, mail)
        finally:
            await asyncio.to_thread(mail.kill)
    sent = len(customers) - WARM
    told = ", ".join(f"{name} {used / sent * 1e6:.0f}" for name, used in costs.items())
    return [Figure(IDS[0], sent / seconds, note=f"{sent} mails in {seconds:.1f} s; µs processor time a mail: {told}")]


async def _load(stand: Stand) -> list[object]:
    await load_customers(stand, CUSTOMERS)
    now = datetime.now(UTC)
    night = [(now + timedelta(hours=hours)).time().replace(second=0, microsecond=0) for hours in (11, 13)]
    connection = await asyncpg.connect(stand.database("profile"), ssl=False)
    try:
        await connection.execute(_CONSENT)
        await connection.execute(_DAY, *night)
        await connection.execute("VACUUM ANALYZE customers")
        await connection.execute("ANALYZE consents")
        return [row["id"] for row in await connection.fetch("SELECT id FROM customers ORDER BY id")]
    finally:
        await connection.close()


def _serve(stand: Stand, mail: GreenMail) -> None:
    for service in stand.services:
        if service.name == "interaction-router":
            settings = {"MAIL_SMTP_HOST": LOOPBACK, "MAIL_SMTP_PORT": str(mail.smtp_port), "MAIL_ADDRESS": CARE_ADDRESS}
            stand.restart(service, **settings)
        else:
            service.start()


async def _mirrored(stand: Stand) -> None:
    """Wait until care knows everybody, so that its first reading of the profile does not run beside the measurement."""
    connection = await asyncpg.connect(stand.database("care"), ssl=False)
    try:
        async with asyncio.timeout(MIRROR_SECONDS):
            while not await connection.fetchval(_MIRRORED):  # noqa: ASYNC110 -- another process does it
                await asyncio.sleep(LOOK_SECONDS)
    finally:
        await connection.close()


async def _send(stand: Stand, customers: list[object], until: int) -> float:
    """Let care for these customers fall due; the seconds until `until` deliveries have ended in all."""
    care = await asyncpg.connect(stand.database("care"), ssl=False)
    router = await asyncpg.connect(stand.database("router"), ssl=False)
    try:
        await care.execute(_PLAN, customers)
        begun = monotonic()
        ended: Counter[str] = Counter()
        while ended.total() < until:
            if monotonic() - begun > SEND_SECONDS:
                judged = {row["state"]: row["number"] for row in await care.fetch(_JUDGED)}
                raise RuntimeError(f"only {dict(ended)} of {until} after {SEND_SECONDS} s; care: {judged}")
            await asyncio.sleep(LOOK_SECONDS)
            ended = Counter({row["state"]: row["number"] for row in await router.fetch(_ENDED)})
        seconds = monotonic() - begun
        if ended["sent"] != until:
            raise RuntimeError(f"not all were sent: {dict(ended)}")
        return seconds
    finally:
        await care.close()
        await router.close()


def _each_got_one(mail: GreenMail) -> None:
    """Look into every so-manieth mailbox."""
    for number in range(1, CUSTOMERS + 1, CUSTOMERS // SAMPLE):
        address = f"c{number}@mail.example"
        with IMAPClient(LOOPBACK, port=mail.imap_port, ssl=False) as mailbox:
            mailbox.login(address, address)
            found = mailbox.select_folder("INBOX", readonly=True)[b"EXISTS"]
        if found != 1:
            raise RuntimeError(f"{address} got {found} mails")
