"""Mails that the mail server takes, refuses, puts off, or takes without saying so."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.header import decode_header, make_header
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP

from careline_local.parts.ports import free_port
from interaction_router.channels.mail.smtp import Server, SmtpLine
from interaction_router.deliveries.letter import House
from interaction_router.deliveries.office import Office
from interaction_router.deliveries.sender import Sender

from ..factories import Router
from .care import Care
from .conftest import ADDRESS
from .work import due, facts, said, state, states


@dataclass
class Peer:
    """A mail server that behaves as a test says, for all recipients or for one."""

    port: int = 0
    pipelining: bool = True
    answers: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    hang_up: set[str] = field(default_factory=set)
    taken: list[tuple[str, bytes]] = field(default_factory=list)
    connections: int = 0

    async def handle_EHLO(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.connections += 1
        return [responses[0], *(["250-PIPELINING"] if self.pipelining else []), *responses[1:]]

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        answer = self.refused.get(address, self.refused.get("*", "250 OK"))
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802
        (address,) = envelope.rcpt_tos
        self.taken.append((address, envelope.content))
        if address in self.hang_up or "*" in self.hang_up:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return self.answers.get(address, self.answers.get("*", "250 OK"))

    @property
    def message_ids(self) -> list[str]:
        return [str(message_from_bytes(raw)["Message-ID"]) for _, raw in self.taken]


@pytest.fixture(params=[True, False], ids=["pipelined", "one_by_one"])
async def peer(request: pytest.FixtureRequest) -> AsyncIterator[Peer]:
    peer = Peer(pipelining=request.param)
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(peer, hostname="mx.test", loop=asyncio.get_running_loop()), "127.0.0.1", 0
    )
    peer.port = server.sockets[0].getsockname()[1]
    yield peer
    server.close()
    await asyncio.sleep(0.05)


@pytest.fixture
def sender(office: Office, peer: Peer) -> Sender:
    return Sender(Server("127.0.0.1", peer.port, ADDRESS), office, House("Careline 客户关怀", ADDRESS))


class Hands:
    """One line of a sender, moved by a test."""

    def __init__(self, sender: Sender) -> None:
        self.sender = sender
        self.line: SmtpLine | None = None

    async def turn(self) -> None:
        """What is due is sent."""
        await self.sender.notice_deaths()
        await self.sender.prepare_due()
        while not self.sender._ready.empty():
            self.line = await self.sender.send(self.sender._ready.get_nowait(), self.line)


@pytest.fixture
async def hands(sender: Sender) -> AsyncIterator[Hands]:
    hands = Hands(sender)
    yield hands
    if hands.line is not None:
        hands.line.close()


async def test_what_is_due_is_sent_once_over_one_line(router: Router, peer: Peer, hands: Hands) -> None:
    ids = await due(router, 60)
    await hands.turn()
    await hands.turn()
    assert set(await states(router, ids)) == {"sent"}
    assert len(peer.taken) == len(set(peer.message_ids)) == 60
    assert peer.connections == 1
    assert await said(router, ids[0]) == ["delivery.sent"]
    assert (await facts(router, ids[0]))["means"] == "mail"


async def test_the_mail_says_who_when_and_how_to_get_out(router: Router, peer: Peer, hands: Hands, care: Care) -> None:
    (greeting,) = await due(router)
    (notice,) = await due(router, purpose="service")
    care.changed[notice] = {"unsubscribe_url": None}
    await hands.turn()
    mails = {str(mail["Message-ID"]): mail for mail in (message_from_bytes(raw) for _, raw in peer.taken)}
    mail = mails[care.item(greeting)["message_id"]]
    assert str(make_header(decode_header(mail["Subject"]))) == "生日快乐,李伟先生"
    assert str(make_header(decode_header(mail["From"]))) == f"Careline 客户关怀 <{ADDRESS}>"
    url = care.item(greeting)["unsubscribe_url"]
    assert mail["List-Unsubscribe"] == f"<{url}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Reply-To"] == ADDRESS
    assert mail["Auto-Submitted"] is None
    assert mail["Precedence"] is None
    text = mail.get_payload(decode=True)
    assert isinstance(text, bytes)
    assert text.decode() == f"亲爱的李伟先生:\r\n\r\n祝您生日快乐!\r\n\r\n--\r\n退订: {url}\r\n"
    other = mails[care.item(notice)["message_id"]]
    assert other["Auto-Submitted"] == "auto-generated"
    assert other["List-Unsubscribe"] is None


async def test_one_bad_recipient_fails_alone(router: Router, peer: Peer, hands: Hands, care: Care) -> None:
    ids = await due(router, 20)
    addresses = [care.item(each)["to"]["address"] for each in ids]
    care.addresses[ids[3]] = "not an address\r\nBcc: other@customer.example"
    care.addresses[ids[5]] = None
    peer.refused[addresses[7]] = "550 no such user"
    peer.answers[addresses[9]] = "554 no"
    peer.refused[addresses[11]] = "450 later"
    peer.answers[addresses[13]] = "452 later"
    await hands.turn()
    found = await states(router, ids)
    assert [found[at] for at in (3, 5, 7, 9)] == ["failed"] * 4
    assert [found[at] for at in (11, 13)] == ["queued"] * 2
    assert [state for at, state in enumerate(found) if at not in {3, 5, 7, 9, 11, 13}] == ["sent"] * 14
    assert len(peer.taken) == 16
    reasons = [(await facts(router, ids[at]))["reason"] for at in (3, 5, 7, 9)]
    assert reasons == ["bad_address", "no_address", "refused", "refused"]
    peer.refused.clear()
    peer.answers.clear()
    router.clock.advance(seconds=10)
    await hands.turn()
    assert [(await state(router, ids[at])) for at in (11, 13)] == ["sent"] * 2
    assert len(peer.taken) == 18


async def test_after_a_lost_answer_a_greeting_is_never_sent_again(router: Router, peer: Peer, hands: Hands) -> None:
    for purpose in ("marketing", "survey"):
        peer.hang_up.add("*")
        (care_id,) = await due(router, purpose=purpose)
        await hands.turn()
        assert await state(router, care_id) == "unknown"
        peer.hang_up.clear()
        for _ in range(4):
            router.clock.advance(seconds=4000)
            await hands.turn()
        assert await state(router, care_id) == "unknown"
        assert await said(router, care_id) == ["delivery.unknown"]
        assert (await facts(router, care_id))["final"] is True
    assert len(peer.taken) == 2


async def test_after_a_lost_answer_a_notice_is_sent_once_more_under_its_id(
    router: Router, peer: Peer, hands: Hands, care: Care
) -> None:
    peer.hang_up.add("*")
    lost, saved = await due(router, 2, purpose="service")
    peer.hang_up = {care.item(lost)["to"]["address"], care.item(saved)["to"]["address"]}
    for _ in range(2):
        await hands.turn()
        router.clock.advance(seconds=6)
    assert await states(router, [lost, saved]) == ["unknown", "unknown"]
    care.changed[saved] = {"message_id": "<another@careline.example>"}
    peer.hang_up.discard(care.item(saved)["to"]["address"])
    for _ in range(5):
        router.clock.advance(seconds=4000)
        await hands.turn()
    assert await states(router, [lost, saved]) == ["unknown", "sent"]
    assert sorted(peer.message_ids) == sorted(
        2 * [f"<{care.item(each)['care_id']}@careline.example>" for each in (lost, saved)]
    )
    assert await said(router, lost) == ["delivery.unknown", "delivery.unknown"]
    assert (await facts(router, lost))["final"] is True
    assert await said(router, saved) == ["delivery.unknown", "delivery.sent"]


async def test_the_others_of_a_broken_line_are_sent_over_the_next(
    router: Router, peer: Peer, hands: Hands, care: Care
) -> None:
    ids = await due(router, 10)
    peer.hang_up = {care.item(ids[4])["to"]["address"]}
    for _ in range(3):
        await hands.turn()
        router.clock.advance(seconds=6)
    found = await states(router, ids)
    assert found[4] == "unknown"
    assert found[:4] + found[5:] == ["sent"] * 9
    assert len(peer.taken) == 10


async def test_a_sender_that_died_leaves_an_unknown(router: Router, peer: Peer, hands: Hands) -> None:
    (greeting,) = await due(router)
    (notice,) = await due(router, purpose="service")
    await router.fetch("UPDATE deliveries SET state = 'sending', claim = 7, message_id = '<x@y>', due_at = now()")
    await hands.turn()
    assert await states(router, [greeting, notice]) == ["unknown", "unknown"]
    assert not peer.taken
    for _ in range(3):
        router.clock.advance(seconds=4000)
        await hands.turn()
    assert await states(router, [greeting, notice]) == ["unknown", "sent"]
    assert peer.message_ids == ["<x@y>"]


async def test_a_frozen_sender_that_wakes_up_sends_nothing(router: Router, peer: Peer, sender: Sender) -> None:
    ids = await due(router, 5)
    await sender.prepare_due()
    chunk = sender._ready.get_nowait()
    # The process stands still between writing `sending` down and the first body.
    moments = iter([0.0])
    sender.monotonic = lambda: next(moments, 100.0)
    line = await sender.send(chunk, None)
    assert line is None
    assert not peer.taken
    assert set(await states(router, ids)) == {"queued"}


async def test_whoever_was_overtaken_changes_nothing(router: Router, peer: Peer, sender: Sender) -> None:
    ids = await due(router, 3)
    await sender.prepare_due()
    chunk = sender._ready.get_nowait()
    router.clock.advance(seconds=200)
    await sender.prepare_due()
    overtaking = sender._ready.get_nowait()
    line = await sender.send(chunk, None)
    assert not peer.taken
    line = await sender.send(overtaking, line)
    assert len(peer.taken) == 3
    assert set(await states(router, ids)) == {"sent"}
    assert line is not None
    line.close()


async def test_what_care_withdraws_at_the_last_moment_is_not_sent(
    router: Router, peer: Peer, hands: Hands, care: Care
) -> None:
    kept, withdrawn, late = await due(router, 3)
    care.withdrawn[withdrawn] = "consent"
    care.changed[late] = {"not_after": "2020-01-01T00:00:00Z"}
    await hands.turn()
    assert await states(router, [kept, withdrawn, late]) == ["sent", "cancelled", "cancelled"]
    assert (await facts(router, withdrawn))["gate"] == "consent"
    assert (await facts(router, late))["gate"] == "expired"
    assert len(peer.taken) == 1


async def test_a_care_service_that_is_away_costs_nothing(router: Router, peer: Peer, hands: Hands, care: Care) -> None:
    (care_id,) = await due(router)
    care.away = True
    await hands.turn()
    assert await state(router, care_id) == "queued"
    care.away = False
    care.forgotten.add(care_id)
    router.clock.advance(seconds=6)
    await hands.turn()
    assert await state(router, care_id) == "queued"
    care.forgotten.clear()
    router.clock.advance(seconds=1000)
    await hands.turn()
    assert await state(router, care_id) == "sent"


async def test_what_care_has_forgotten_expires(router: Router, peer: Peer, hands: Hands, care: Care) -> None:
    (care_id,) = await due(router, hours=1)
    care.forgotten.add(care_id)
    await hands.turn()
    router.clock.advance(hours=2)
    await hands.turn()
    assert await state(router, care_id) == "cancelled"


async def test_a_mail_server_that_is_away_costs_nothing(
    router: Router, peer: Peer, sender: Sender, office: Office
) -> None:
    ids = await due(router, 30)
    away = Sender(Server("127.0.0.1", free_port(), ADDRESS), office, sender.house)
    await Hands(away).turn()
    assert set(await states(router, ids)) == {"queued"}
    assert await router.value("SELECT max(attempts) FROM deliveries") == 0
    router.clock.advance(seconds=6)
    hands = Hands(sender)
    await hands.turn()
    assert set(await states(router, ids)) == {"sent"}
    assert hands.line is not None
    hands.line.close()


async def test_a_recipient_put_off_for_hours_gets_it_all_the_same(router: Router, peer: Peer, hands: Hands) -> None:
    """As grey lists and full mailboxes do; a quarter of an hour lies between two tries at the most."""
    (care_id,) = await due(router)
    peer.refused["*"] = "450 later"
    for _ in range(20):
        await hands.turn()
        router.clock.advance(minutes=15)
    assert await router.value("SELECT attempts FROM deliveries") == 20
    peer.refused.clear()
    await hands.turn()
    assert await state(router, care_id) == "sent"


async def test_a_recipient_put_off_until_care_does_not_want_it_any_more_is_given_up(
    router: Router, peer: Peer, hands: Hands
) -> None:
    (care_id,) = await due(router, hours=0.1)
    peer.refused["*"] = "450 later"
    for _ in range(8):
        await hands.turn()
        router.clock.advance(seconds=60)
    assert await state(router, care_id) == "failed"
    assert (await facts(router, care_id))["reason"] == "gave_up"


async def test_notices_go_before_greetings(router: Router, peer: Peer, hands: Hands, care: Care) -> None:
    await due(router, 3)
    (notice,) = await due(router, purpose="service")
    await hands.turn()
    assert peer.message_ids[0] == care.item(notice)["message_id"]


async def test_two_replicas_at_once_send_everything_once(
    router: Router, peer: Peer, sender: Sender, office: Office
) -> None:
    ids = await due(router, 300)
    other = Sender(sender.server, office, sender.house)
    tasks = [asyncio.create_task(each.run()) for each in (sender, other)]
    while "queued" in await states(router, ids) or "sending" in await states(router, ids):
        await asyncio.sleep(0.05)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert set(await states(router, ids)) == {"sent"}
    assert len(peer.taken) == len(set(peer.message_ids)) == 300


async def test_a_sender_that_is_stopped_writes_down_what_it_has_sent(
    router: Router, peer: Peer, sender: Sender
) -> None:
    ids = await due(router, 400)
    task = asyncio.create_task(sender.run())
    while len(peer.taken) < 50:
        await asyncio.sleep(0.005)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    found = await states(router, ids)
    assert set(found) <= {"sent", "queued"}
    assert found.count("sent") == len(peer.taken) < 400
