"""Answers that the mail server takes, refuses, puts off, or takes without saying so."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiosmtpd.smtp import SMTP

from careline.ids import encode, new_id
from careline_local.testing.databases import ServiceDatabase
from interaction_router.channels.mail import handing_in, repository
from interaction_router.channels.mail.outgoing import Outgoing
from interaction_router.channels.mail.smtp import Server
from interaction_router.settings import RouterSettings

from ...factories import AGENT_SCOPES, Router, make_settings

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


class Killed(Exception):  # noqa: N818
    """The process has died here."""


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


Another = Callable[[], Outgoing]


@pytest.fixture
def another(router: Router, peer: Peer) -> Iterator[Another]:
    """Senders of as many processes as are asked for."""
    senders: list[Outgoing] = []

    def one() -> Outgoing:
        senders.append(Outgoing(Server("127.0.0.1", peer.port, ADDRESS), router.units, "Care"))
        return senders[-1]

    yield one
    for each in senders:
        each.hang_up()


@pytest.fixture
def outgoing(another: Another) -> Outgoing:
    return another()


async def answered(router: Router, *texts: str) -> str:
    """An agent who has just answered by mail."""
    await router.queue()
    agent = await router.agent()
    await router.arrive(external_id="<one@customer.example>")
    interaction_id = await agent.accept()
    for text in texts or ("We come.",):
        await agent.send("POST", f"/v1/interactions/{interaction_id}/messages", {"kind": "reply", "text": text})
    return interaction_id


async def delivery(router: Router) -> str:
    """Read where it is kept: as the clock moves on, the agent's presence runs out and the work goes back."""
    return str(await router.value("SELECT delivery FROM messages WHERE kind = 'reply'"))


async def test_a_mail_that_is_taken_is_sent_once(
    router: Router, peer: Peer, outgoing: Outgoing, another: Another
) -> None:
    interaction_id = await answered(router)
    await asyncio.gather(*(another().send_due() for _ in range(3)))
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
        for _ in range(2):
            router.clock.advance(seconds=700)
            await outgoing.send_due()
    assert await delivery(router) == "unknown"
    assert len(peer.taken) == 1


async def test_a_sender_that_was_overtaken_sends_nothing(
    router: Router, peer: Peer, outgoing: Outgoing, another: Another
) -> None:
    await answered(router)
    prepare = Outgoing._prepare

    async def slowly(self: Outgoing, row: Any) -> Any:
        """The claim runs out between claiming and sending, and another process sends meanwhile."""
        answer = await prepare(self, row)
        router.clock.advance(seconds=200)
        await another().send_due()
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outgoing, "_prepare", slowly.__get__(outgoing))
        await outgoing.send_due()
    assert len(peer.taken) == 1
    assert await delivery(router) == "sent"


async def test_what_waits_in_a_batch_is_not_taken_for_sent_when_its_sender_dies(
    router: Router, peer: Peer, outgoing: Outgoing, another: Another, monkeypatch: pytest.MonkeyPatch
) -> None:
    await answered(router, "One.", "Two.", "Three.")

    def die(point: str) -> None:
        if point == "mail.sending":
            raise Killed

    monkeypatch.setattr(handing_in, "crash_point", die)
    with pytest.raises(Killed):
        await outgoing.send_due()
    monkeypatch.undo()
    states = "SELECT delivery FROM messages WHERE kind = 'reply' ORDER BY seq"
    assert sorted(row["delivery"] for row in await router.fetch(states)) == ["queued", "queued", "sending"]
    for _ in range(2):
        router.clock.advance(seconds=700)
        await another().send_due()
    assert [row["delivery"] for row in await router.fetch(states)] == ["sent"] * 3
    assert len(peer.taken) == 3


async def test_a_database_that_is_away_for_a_moment_makes_no_second_copy(
    router: Router, peer: Peer, outgoing: Outgoing, monkeypatch: pytest.MonkeyPatch
) -> None:
    await answered(router)
    settle = repository.settle
    away = [asyncpg.ConnectionDoesNotExistError(), ConnectionRefusedError()]

    async def interrupted(*args: Any) -> bool:
        if away:
            raise away.pop()
        return await settle(*args)

    monkeypatch.setattr(repository, "settle", interrupted)
    await outgoing.send_due()
    assert await delivery(router) == "sent"
    router.clock.advance(seconds=700)
    await outgoing.send_due()
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
    router: Router, peer: Peer, outgoing: Outgoing, another: Another, where: str
) -> None:
    await answered(router)
    if where == "rcpt":
        peer.greeting = "450 later"
    elif where == "data":
        peer.answer = "451 later"
    else:
        outgoing.server = Server("127.0.0.1", 1, ADDRESS)
    await outgoing.send_due()
    assert await delivery(router) == "queued"
    peer.answer = peer.greeting = "250 OK"
    outgoing = another()
    router.clock.advance(seconds=10)
    await outgoing.send_due()
    assert await delivery(router) == "sent"


async def test_an_outage_of_the_mail_server_costs_nothing_but_time(
    router: Router, peer: Peer, outgoing: Outgoing
) -> None:
    await answered(router)
    away = Server("127.0.0.1", 1, ADDRESS)
    for _ in range(50):
        await Outgoing(away, router.units, "Care").send_due()
        router.clock.advance(hours=2)
    assert await delivery(router) == "queued"
    assert await router.value("SELECT delivery_tries FROM messages WHERE kind = 'reply'") == 0
    await outgoing.send_due()
    assert await delivery(router) == "sent"


async def test_after_five_days_it_has_failed_and_is_put_before_an_agent(
    router: Router, peer: Peer, outgoing: Outgoing
) -> None:
    interaction_id = await answered(router)
    await close(router, interaction_id)
    router.clock.advance(days=5, seconds=1)
    assert await outgoing.send_due() == 1
    assert not peer.taken
    assert await delivery(router) == "failed"
    assert "interaction.message_failed" in [kind for kind, _ in await router.events(interaction_id)]
    again = (await router.fetch("SELECT * FROM interactions WHERE previous_interaction_id IS NOT NULL"))[0]
    assert (again["state"], again["unread"], again["subject"]) == ("queued", 1, "Tap")
    assert await router.value("SELECT text FROM messages WHERE interaction_id = $1", again["id"]) == "reply.failed"


async def test_an_answer_that_failed_is_shown_and_sent_again(router: Router, peer: Peer, outgoing: Outgoing) -> None:
    interaction_id = await answered(router)
    agent = router.caller(AGENT_SCOPES, subject=encode("per", await router.value("SELECT id FROM agents")))
    path = f"/v1/interactions/{interaction_id}/messages"
    message_id = (await agent.get(path))["items"][0]["id"]
    refused = await agent.send("POST", f"{path}/{message_id}/resending", status=409)
    assert refused["type"].endswith("not-failed")
    peer.answer = "554 no"
    await outgoing.send_due()
    shown = (await agent.get(path))["items"]
    assert [each["text"] for each in shown[:2]] == ["reply.failed", "We come."]
    assert shown[1]["delivery"] == "failed"
    assert (await agent.snapshot())["interactions"][0]["unread"] == 1
    # A stranger sees nothing to send again, and what is closed can still be sent.
    await router.caller(AGENT_SCOPES).send("POST", f"{path}/{message_id}/resending", status=404)
    await agent.send("POST", f"{path}/{encode('msg', new_id())}/resending", status=404)
    await close(router, interaction_id)
    peer.answer = "250 OK"
    again = await agent.send("POST", f"{path}/{message_id}/resending")
    assert again["delivery"] == "queued"
    await agent.send("POST", f"{path}/{message_id}/resending", status=409)
    await outgoing.send_due()
    assert await delivery(router) == "sent"
    assert len(set(peer.message_ids)) == 1


async def test_an_address_that_is_none_fails_and_stops_nobody(router: Router, peer: Peer, outgoing: Outgoing) -> None:
    await answered(router)
    await router.fetch("UPDATE interactions SET contact = 'li\u4f1f@customer.example'")
    await outgoing.send_due()
    assert await delivery(router) == "failed"
    assert not peer.taken


async def close(router: Router, interaction_id: str) -> None:
    await router.disposition()
    agent = router.caller(AGENT_SCOPES, subject=encode("per", await router.value("SELECT id FROM agents")))
    await agent.send("POST", f"/v1/interactions/{interaction_id}/closure", {"disposition": "solved"})
    await agent.be("break")
