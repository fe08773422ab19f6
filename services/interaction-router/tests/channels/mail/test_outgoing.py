"""Answers that the mail server takes, refuses, puts off, or takes without saying so."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP

from careline_local.testing.databases import ServiceDatabase
from interaction_router.channels.mail.outgoing import Outgoing
from interaction_router.settings import RouterSettings

from ...factories import Router, make_settings

ADDRESS = "care@shop.example"


@dataclass
class Peer:
    """A mail server that behaves as a test says."""

    port: int = 0
    answer: str = "250 OK"
    hang_up: bool = False
    greeting: str = "250 OK"
    taken: list[bytes] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if self.greeting.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.greeting

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802
        self.taken.append(envelope.content)
        self.recipients.append(list(envelope.rcpt_tos))
        if self.hang_up:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return self.answer

    @property
    def message_ids(self) -> list[str]:
        return [str(message_from_bytes(raw)["Message-ID"]) for raw in self.taken]


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    peer = Peer()
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(peer, hostname="mx.test", loop=asyncio.get_running_loop()), "127.0.0.1", 0
    )
    peer.port = server.sockets[0].getsockname()[1]
    yield peer
    server.close()
    await asyncio.sleep(0.05)


@pytest.fixture
def settings(service_database: Callable[[str], ServiceDatabase], tmp_path: Path) -> RouterSettings:
    return make_settings(service_database("interaction_router").url, tmp_path, mail_address=ADDRESS)


@pytest.fixture
def outgoing(router: Router, peer: Peer) -> Outgoing:
    return Outgoing(router.units, "127.0.0.1", peer.port, ADDRESS, "Care")


async def answered(router: Router) -> str:
    """An agent who has just answered by mail."""
    await router.queue()
    agent = await router.agent()
    await router.arrive(external_id="<one@customer.example>")
    interaction_id = await agent.accept()
    await agent.send("POST", f"/v1/interactions/{interaction_id}/messages", {"kind": "reply", "text": "We come."})
    return interaction_id


async def delivery(router: Router) -> str:
    """Read where it is kept: as the clock moves on, the agent's presence runs out and the work goes back."""
    return str(await router.value("SELECT delivery FROM messages WHERE kind = 'reply'"))


async def test_a_mail_that_is_taken_is_sent_once(router: Router, peer: Peer, outgoing: Outgoing) -> None:
    interaction_id = await answered(router)
    await asyncio.gather(outgoing.send_due(), outgoing.send_due(), outgoing.send_due())
    assert await delivery(router) == "sent"
    assert len(peer.taken) == 1
    kinds = [kind for kind, _ in await router.events(interaction_id)]
    assert kinds.count("interaction.message_sent") == 1


async def test_a_copy_goes_to_whom_the_agent_named(router: Router, peer: Peer, outgoing: Outgoing) -> None:
    await router.queue()
    agent = await router.agent()
    await router.arrive(external_id="<one@customer.example>")
    path = f"/v1/interactions/{await agent.accept()}"
    typed = {"text": "We", "kind": "reply", "cc": "son@x.example, sho", "version": 0}
    await agent.send("PUT", f"{path}/draft", typed)
    assert (await agent.get(f"{path}/draft"))["cc"] == "son@x.example, sho"
    for wrong in (["sho"], [ADDRESS], ["a@x.example"] * 11):
        await agent.send("POST", f"{path}/messages", {"kind": "reply", "text": "We come.", "cc": wrong}, status=422)
    copies = ["son@x.example", "shop@y.example"]
    await agent.send("POST", f"{path}/messages", {"kind": "note", "text": "Hm.", "cc": copies}, status=422)
    sent = await agent.send("POST", f"{path}/messages", {"kind": "reply", "text": "We come.", "cc": copies})
    assert sent["cc"] == copies
    assert (await agent.get(f"{path}/draft"))["cc"] == ""
    await outgoing.send_due()
    assert peer.recipients == [["li.wei@customer.example", *copies]]
    assert str(message_from_bytes(peer.taken[0])["Cc"]) == ", ".join(copies)


async def test_a_lost_answer_is_unknown_and_sent_once_more_under_the_same_id(
    router: Router, peer: Peer, outgoing: Outgoing
) -> None:
    await answered(router)
    peer.hang_up = True
    await outgoing.send_due()
    assert await delivery(router) == "unknown"
    assert await outgoing.send_due() == 0
    for _ in range(4):
        router.clock.advance(seconds=700)
        await outgoing.send_due()
    assert await delivery(router) == "unknown"
    assert len(peer.taken) == 2
    assert len(set(peer.message_ids)) == 1


async def test_the_second_try_after_a_lost_answer_may_succeed(router: Router, peer: Peer, outgoing: Outgoing) -> None:
    await answered(router)
    peer.hang_up = True
    await outgoing.send_due()
    peer.hang_up = False
    router.clock.advance(seconds=60)
    await outgoing.send_due()
    assert await delivery(router) == "sent"


async def test_a_sender_that_died_while_sending_is_followed_once(
    router: Router, peer: Peer, outgoing: Outgoing
) -> None:
    await answered(router)
    for _ in range(4):
        await router.fetch(
            "UPDATE messages SET delivery = 'sending', delivery_due_at = now() WHERE delivery_due_at IS NOT NULL"
        )
        peer.hang_up = True
        router.clock.advance(seconds=700)
        await outgoing.send_due()
    assert await delivery(router) == "unknown"
    assert len(peer.taken) == 1


async def test_a_permanent_refusal_fails_and_is_shown(router: Router, peer: Peer, outgoing: Outgoing) -> None:
    await answered(router)
    peer.answer = "554 no"
    await outgoing.send_due()
    assert await delivery(router) == "failed"
    router.clock.advance(seconds=9000)
    assert await outgoing.send_due() == 0


@pytest.mark.parametrize("where", ["rcpt", "data", "connect"])
async def test_what_surely_did_not_leave_is_tried_again(
    router: Router, peer: Peer, outgoing: Outgoing, where: str
) -> None:
    await answered(router)
    port = outgoing.port
    if where == "rcpt":
        peer.greeting = "450 later"
    elif where == "data":
        peer.answer = "451 later"
    else:
        outgoing.port = 1
    await outgoing.send_due()
    assert await delivery(router) == "queued"
    peer.answer = peer.greeting = "250 OK"
    outgoing.port = port
    router.clock.advance(seconds=10)
    await outgoing.send_due()
    assert await delivery(router) == "sent"
