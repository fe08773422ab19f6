"""Reports of failure and answers to what care sent."""

from email.message import EmailMessage
from typing import Any
from uuid import UUID

import pytest

from careline.ids import encode, new_id
from interaction_router.channels.mail.arrivals import Arrivals
from interaction_router.deliveries.returns import read_report
from interaction_router.unit import Unit

from ..factories import Router
from .conftest import ADDRESS
from .work import due, facts, said, state

SENT_ID = "<car_sent@careline.example>"


async def nothing(_: Unit) -> None:
    """There is no mailbox whose cursor moves."""


@pytest.fixture
def arrivals(router: Router) -> Arrivals:
    state = router.state
    return Arrivals(router.units, state["customers"], state["objects"], lambda _name, _timeout: None, ADDRESS, "mail")


def report(
    *, action: str = "failed", status: str = "5.1.1", returned: str = SENT_ID, message_id: str = "<dsn@mx.example>"
) -> bytes:
    """As Postfix writes it."""
    return (
        "From: MAILER-DAEMON@mx.example (Mail Delivery System)\r\n"
        f"To: {ADDRESS}\r\nSubject: Undelivered Mail Returned to Sender\r\nMessage-ID: {message_id}\r\n"
        "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nI'm sorry to have to inform you.\r\n\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; li.wei@customer.example\r\nAction: {action}\r\nStatus: {status}\r\n\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: {ADDRESS}\r\nMessage-ID:\r\n {returned}\r\n"
        "Subject: =?utf-8?b?55Sf?=\r\n\r\nHello\r\n\r\n--b--\r\n"
    ).encode()


def answer(references: str = SENT_ID, text: str = "9 分,谢谢!", message_id: str = "<a@customer.example>") -> bytes:
    message = EmailMessage()
    message["From"] = "Li Wei <li.wei@customer.example>"
    message["To"] = ADDRESS
    message["Subject"] = "Re: 生日快乐"
    message["Message-ID"] = message_id
    message["In-Reply-To"] = references
    message.set_content(text)
    return message.as_bytes()


async def sent(router: Router, state: str = "sent", **named: Any) -> UUID:
    """What care sent under the known id."""
    (care_id,) = await due(router, **named)
    await router.fetch("UPDATE deliveries SET state = 'sending', message_id = $1", SENT_ID)
    if state != "sending":
        await router.fetch("UPDATE deliveries SET state = $1", state)
    return care_id


@pytest.mark.parametrize("before", ["sending", "sent", "unknown"])
async def test_what_comes_back_has_bounced_and_opens_nothing(router: Router, arrivals: Arrivals, before: str) -> None:
    care_id = await sent(router, before)
    for _ in range(2):
        await arrivals.take(report(), nothing)
    assert await state(router, care_id) == "bounced"
    assert await said(router, care_id) == ["delivery.bounced"]
    assert (await facts(router, care_id))["status"] == "5.1.1"
    assert await router.value("SELECT count(*) FROM interactions") == 0


async def test_a_report_of_delay_or_of_a_stranger_changes_nothing(router: Router, arrivals: Arrivals) -> None:
    care_id = await sent(router)
    await arrivals.take(report(action="delayed", status="4.4.1"), nothing)
    await arrivals.take(report(returned="<other@careline.example>", message_id="<dsn2@mx.example>"), nothing)
    assert await state(router, care_id) == "sent"
    assert await said(router, care_id) == []


async def test_an_answer_is_an_interaction_that_knows_what_it_answers(router: Router, arrivals: Arrivals) -> None:
    await router.queue()
    agent = await router.agent()
    care_id = await sent(router, reference="inv_7", purpose="survey")
    for _ in range(2):
        await arrivals.take(answer(), nothing)
    interaction_id = await agent.accept()
    answers = (await agent.get(f"/v1/interactions/{interaction_id}"))["answers"]
    assert answers["care_id"] == encode("car", care_id)
    assert answers["reference"] == "inv_7"
    assert await said(router, care_id) == ["delivery.replied"]
    told = await facts(router, care_id)
    assert told["interaction_id"] == interaction_id
    await arrivals.take(answer(message_id="<b@customer.example>"), nothing)
    assert await said(router, care_id) == ["delivery.replied"] * 2


async def test_an_answer_to_anything_else_is_just_a_mail(router: Router, arrivals: Arrivals) -> None:
    await router.queue()
    agent = await router.agent()
    care_id = await sent(router)
    await arrivals.take(answer("<something@customer.example>"), nothing)
    interaction_id = await agent.accept()
    assert (await agent.get(f"/v1/interactions/{interaction_id}"))["answers"] is None
    assert await said(router, care_id) == []


async def test_an_absence_note_is_no_answer(router: Router, arrivals: Arrivals) -> None:
    care_id = await sent(router)
    raw = answer().replace(b"Subject:", b"Auto-Submitted: auto-replied\nSubject:", 1)
    await arrivals.take(raw, nothing)
    assert await said(router, care_id) == []


async def test_who_answers_has_read_it_so_it_is_not_sent_once_more(router: Router, arrivals: Arrivals) -> None:
    await router.queue()
    care_id = await sent(router, "unknown", purpose="service")
    await router.fetch("UPDATE deliveries SET lost = 1, due_at = now()")
    await arrivals.take(answer(), nothing)
    assert await router.value("SELECT due_at FROM deliveries WHERE care_id = $1", care_id) is None


def test_old_servers_send_the_mail_back_without_a_form() -> None:
    raw = f"From: postmaster@mx.example\r\n\r\nReturned mail:\r\n\r\nMessage-Id: {SENT_ID}\r\n".encode()
    found = read_report(raw, [])
    assert found.failed
    assert found.message_ids == (SENT_ID,)
    assert read_report(b"From: mailer-daemon@mx\r\n\r\nno\r\n", [SENT_ID]).message_ids == (SENT_ID,)


async def test_a_text_is_read_by_services_only(router: Router, arrivals: Arrivals) -> None:
    await router.queue()
    await sent(router)
    await arrivals.take(answer(), nothing)
    message_id = encode("msg", await router.value("SELECT id FROM messages WHERE kind = 'inbound'"))
    feedback = router.caller(["messages:read"], subject="feedback")
    found = await feedback.get(f"/v1/messages/{message_id}/text")
    assert found["text"].strip() == "9 分,谢谢!"
    await feedback.send("GET", f"/v1/messages/{encode('msg', new_id())}/text", status=404)
    agent = await router.agent()
    await agent.send("GET", f"/v1/messages/{message_id}/text", status=403)
