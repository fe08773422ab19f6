"""Senders that die, lines that break: on a real mail server, whose mailbox tells what has arrived."""

import asyncio
import os
import random
import signal
import smtplib
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from careline.ids import encode, new_id
from careline_local.parts.greenmail import GreenMail
from careline_local.parts.ports import free_port
from careline_local.testing.databases import ServiceDatabase
from interaction_router.channels.mail.smtp import Server
from interaction_router.deliveries.letter import House
from interaction_router.deliveries.office import Office
from interaction_router.deliveries.sender import Sender
from interaction_router.settings import RouterSettings

from ..factories import Router, eventually, make_settings
from .cable import breaking
from .care import Care
from .conftest import ADDRESS
from .mailboxes import arrived
from .work import due, said, states

# Eight processes that start at once on two cores take their time.
START_SECONDS = 120


@pytest.fixture
def address(care: Care, mail_server: GreenMail) -> str:
    """One mailbox for everybody of this test, so that it can be read at once.

    It is there before: the server makes a mailbox with its first mail, and two first mails at once are one.
    """
    address = f"{encode('cus', new_id())}@customer.example"
    with smtplib.SMTP("127.0.0.1", mail_server.smtp_port) as server:
        server.sendmail(ADDRESS, [address], f"From: {ADDRESS}\r\nSubject: First\r\n\r\n")
    care.everybody = address
    return address


@pytest.fixture
def settings(service_database: Callable[[str], ServiceDatabase], tmp_path: Path, care: Care) -> RouterSettings:
    return make_settings(
        service_database("interaction_router").url,
        tmp_path,
        mail_address=ADDRESS,
        token_url=f"{care.url}/oauth/token",
        client_id="interaction-router",
        client_secret="secret",
    )


@asynccontextmanager
async def replica(settings: RouterSettings, care: Care, smtp_port: int, **changed: str) -> AsyncIterator[Any]:
    """A process of the router that sends care's mails."""
    port = free_port()
    given = {
        "port": port,
        "database_url": settings.database_url,
        "kafka_bootstrap": settings.kafka_bootstrap,
        "token_issuer": settings.token_issuer,
        "token_jwks_url": settings.token_jwks_url,
        "token_url": settings.token_url,
        "client_id": "interaction-router",
        "client_secret": "secret",
        "profile_url": settings.profile_url,
        "objects_url": settings.objects_url,
        "care_url": care.url,
        "mail_smtp_host": "127.0.0.1",
        "mail_smtp_port": smtp_port,
        "mail_address": ADDRESS,
        "log_level": "ERROR",
        **changed,
    }
    environment = os.environ | {f"ROUTER_{name.upper()}": str(value) for name, value in given.items()}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "interaction_router", "serve", env=environment, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def leases_of_the_dead_end(router: Router) -> None:
    """As if the time had passed; called while nobody lives, for a living sender would be taken for dead."""
    await router.fetch("UPDATE deliveries SET due_at = now() WHERE state = 'sending'")


async def settled(router: Router, ids: Sequence[UUID], seconds: float = 120) -> list[str]:
    """Wait until nothing is left to be done; what is to be sent once more need not wait for its time."""

    async def over() -> Any:
        await router.fetch("UPDATE deliveries SET due_at = now() WHERE state = 'unknown' AND due_at > now()")
        found = await states(router, ids)
        waiting = await router.value("SELECT count(*) FROM deliveries WHERE due_at IS NOT NULL")
        return found if waiting == 0 else None

    return list(await eventually(over, seconds=seconds))


@pytest.mark.parametrize("point", ["delivery.sending", "delivery.handed_in"])
@pytest.mark.parametrize("purpose", ["marketing", "service"])
async def test_killed_while_sending(
    router: Router, care: Care, address: str, mail_server: GreenMail, purpose: str, point: str
) -> None:
    ids = await due(router, 5, purpose=purpose)
    async with replica(router.settings, care, mail_server.smtp_port, crash_at=point) as process:
        async with asyncio.timeout(START_SECONDS):
            assert await process.wait() == -signal.SIGKILL
    assert set(await states(router, ids)) == {"sending"}
    had_left = point == "delivery.handed_in"
    assert sum((await arrived(mail_server, address)).values()) == (5 if had_left else 0)
    await leases_of_the_dead_end(router)
    async with replica(router.settings, care, mail_server.smtp_port):
        await settled(router, ids)
    found = await arrived(mail_server, address)
    if purpose == "marketing":
        assert set(await states(router, ids)) == {"unknown"}
        assert sum(found.values()) == (5 if had_left else 0)
        assert await said(router, ids[0]) == ["delivery.unknown"]
    else:
        assert set(await states(router, ids)) == {"sent"}
        assert set(found.values()) == {2 if had_left else 1}
        assert await said(router, ids[0]) == ["delivery.unknown", "delivery.sent"]


async def test_two_replicas_killed_again_and_again_double_no_greeting_and_lose_nothing(
    router: Router, care: Care, address: str, mail_server: GreenMail
) -> None:
    chance = random.Random(7)
    greetings = await due(router, 1500)
    notices = await due(router, 300, purpose="service")

    async def live() -> None:
        """One of the replicas: killed at any moment, and begun again."""
        for _ in range(3):
            async with replica(router.settings, care, mail_server.smtp_port) as process:
                await eventually(_moves, seconds=START_SECONDS)
                await asyncio.sleep(chance.uniform(0.0, 0.5))
                process.kill()

    async def _moves() -> Any:
        return await router.value("SELECT count(*) FROM deliveries WHERE state <> 'queued'") or True

    await asyncio.gather(live(), live())
    await leases_of_the_dead_end(router)
    async with replica(router.settings, care, mail_server.smtp_port):
        await settled(router, [*greetings, *notices])
    found = await arrived(mail_server, address)
    for care_id, state in zip(greetings, await states(router, greetings), strict=True):
        times = found[care.item(care_id)["message_id"]]
        assert state in {"sent", "unknown"}
        assert times <= 1
        assert times == 1 or state == "unknown"
    for care_id, state in zip(notices, await states(router, notices), strict=True):
        times = found[care.item(care_id)["message_id"]]
        assert 1 <= times <= 2 or state == "unknown"
    assert await router.value("SELECT count(*) FROM deliveries WHERE state = 'sent'") > 0


async def test_an_answer_lost_on_the_way_doubles_no_greeting(
    router: Router, office: Office, care: Care, address: str, mail_server: GreenMail
) -> None:
    ids = await due(router, 60)
    notices = await due(router, 20, purpose="service")
    async with breaking(mail_server.smtp_port, {7, 30, 51}) as cable:
        sender = Sender(Server("127.0.0.1", cable.port, ADDRESS), office, House("Care", ADDRESS), lines=2)
        task = asyncio.create_task(sender.run())
        await settled(router, [*ids, *notices])
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert cable.cut == 3
    found = await arrived(mail_server, address)
    assert {found[care.item(each)["message_id"]] for each in ids} == {1}
    assert {found[care.item(each)["message_id"]] for each in notices} <= {1, 2}
    assert set(await states(router, notices)) == {"sent"}
    unknown = (await states(router, ids)).count("unknown")
    twice = sum(found[care.item(each)["message_id"]] == 2 for each in notices)
    assert unknown + twice == 3
