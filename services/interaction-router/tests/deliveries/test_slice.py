"""From care's event on a real Kafka to the customer's mailbox on a real mail server, and back to Kafka."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from imapclient import IMAPClient

from careline.ids import encode, new_id
from careline.migrations import create_topics
from careline_local.parts.greenmail import GreenMail
from careline_local.testing.databases import ServiceDatabase
from careline_local.testing.fixtures import CARE_ADDRESS
from interaction_router.events import CATALOGUE
from interaction_router.settings import RouterSettings

from ..factories import Router, eventually, make_settings
from .care import Care
from .work import state


@pytest.fixture
async def settings(
    service_database: Callable[[str], ServiceDatabase],
    tmp_path: Path,
    care: Care,
    kafka_bootstrap: str,
    topic_prefix: str,
    mail_server: GreenMail,
) -> RouterSettings:
    settings = make_settings(
        service_database("interaction_router").url,
        tmp_path,
        kafka_bootstrap=kafka_bootstrap,
        topic_prefix=topic_prefix,
        care_url=care.url,
        token_url=f"{care.url}/oauth/token",
        client_id="interaction-router",
        client_secret="secret",
        mail_smtp_host="127.0.0.1",
        mail_smtp_port=mail_server.smtp_port,
        mail_address=CARE_ADDRESS,
    )
    await create_topics(settings, CATALOGUE)
    await _create_topics_of_others(settings)
    return settings


async def _create_topics_of_others(settings: RouterSettings) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap)
    await admin.start()
    names = ("care", "person", "business_time")
    await admin.create_topics([NewTopic(settings.topic_prefix + name, 2, 1) for name in names])
    await admin.close()


def due_event(care_id: str) -> bytes:
    """As care says it."""
    now = datetime.now(UTC)
    return json.dumps(
        {
            "specversion": "1.0",
            "id": str(new_id()),
            "source": "/careline/care",
            "type": "care.due",
            "subject": care_id,
            "time": now.isoformat(),
            "aggregatetype": "care",
            "sequence": "00000000000000000002",
            "data": {
                "care_id": care_id,
                "customer_id": encode("cus", new_id()),
                "occasion": "birthday",
                "occasion_key": "2026",
                "purpose": "marketing",
                "means": "mail",
                "cell": "regular/birthday@v1",
                "reference": None,
                "due_at": (now - timedelta(seconds=1)).isoformat(),
                "not_after": (now + timedelta(hours=12)).isoformat(),
            },
        }
    ).encode()


async def mailbox(server: GreenMail, address: str) -> list[bytes]:
    def read() -> list[bytes]:
        with IMAPClient("127.0.0.1", server.imap_port, ssl=False) as box:
            box.login(address, address)
            box.select_folder("INBOX")
            return [each[b"BODY[]"] for each in box.fetch(box.search(), ["BODY.PEEK[]"]).values()]

    return await asyncio.to_thread(read)


async def test_what_is_due_reaches_the_mailbox_and_kafka_hears_of_it(
    router: Router, care: Care, mail_server: GreenMail
) -> None:
    care_id = new_id()
    key = encode("car", care_id)
    producer = AIOKafkaProducer(bootstrap_servers=router.settings.kafka_bootstrap)
    await producer.start()
    # The same care event twice, under ids of their own: the constraint knows it again.
    for _ in range(2):
        await producer.send_and_wait(f"{router.settings.topic_prefix}care", due_event(key), key=key.encode())
    await producer.stop()

    async def sent() -> Any:
        return await router.fetch("SELECT 1 FROM deliveries WHERE care_id = $1 AND state = 'sent'", care_id)

    await eventually(sent, seconds=30)
    address = care.item(care_id)["to"]["address"]
    (raw,) = await mailbox(mail_server, address)
    assert message_from_bytes(raw)["Message-ID"] == care.item(care_id)["message_id"]
    event = await _heard(router, "delivery", key)
    assert event["type"] == "delivery.sent"
    assert await state(router, care_id) == "sent"


async def _heard(router: Router, topic: str, care_id: str) -> dict[str, Any]:
    """The event on Kafka that tells of this care."""
    consumer = AIOKafkaConsumer(
        f"{router.settings.topic_prefix}{topic}",
        bootstrap_servers=router.settings.kafka_bootstrap,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        async with asyncio.timeout(20):
            async for record in consumer:
                event: dict[str, Any] = json.loads(record.value)
                if event["data"].get("care_id") == care_id:
                    return event
    finally:
        await consumer.stop()
    raise AssertionError(care_id)
