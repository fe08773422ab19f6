"""Step 3: a mail reaches the right agent with the history, is answered in its thread, and nothing is taken twice."""

from email.message import EmailMessage
from time import monotonic
from uuid import uuid4

import pytest
from playwright.async_api import expect

from careline_local.demo.api import Json
from tests.e2e.conftest import OpenDesk
from tests.e2e.mails import CARE, Letter, new_message_id
from tests.e2e.stack import ROUTER, Colleague, Stack
from tests.e2e.waiting import eventually, never

CUSTOMER = "lin.xiaomei@qinghe.example"
INVOICE = b"%PDF-1.4 the invoice " + bytes(range(256)) * 40


def _letter(sender: str, subject: str, text: str = "请问这个产品还在保修期内吗？", **more: object) -> Letter:
    return Letter(sender, f"{text}\n", subject=subject, **more)  # type: ignore[arg-type]


def _stranger() -> str:
    return f"{uuid4().hex[:10]}@signed.example"


def _subject() -> str:
    return f"保修咨询 {uuid4().hex[:6]}"


def _matters(agent: Colleague, subject: str) -> list[Json]:
    """What an agent is offered or holds about a subject."""
    desk = agent.desk()
    everything = [offer["interaction"] for offer in desk["offers"]] + desk["interactions"]
    return [each for each in everything if each["subject"] == subject]


async def _offered(agent: Colleague, subject: str, *, seconds: float = 5) -> Json:
    def look() -> Json | None:
        return next((each for each in agent.offers() if each["interaction"]["subject"] == subject), None)

    return await eventually(look, seconds=seconds, what=f"the offer of {subject!r}")


def _messages(agent: Colleague, interaction_id: str) -> list[Json]:
    return list(agent.api.get(f"{ROUTER}/interactions/{interaction_id}/messages")["items"])


def _text(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


@pytest.fixture
def agent(stack: Stack) -> Colleague:
    """Somebody who takes Chinese mails, and is there."""
    agent = stack.hire("何敏", ["mail", "language:zh"], locale="zh-CN")
    agent.go("available")
    return agent


async def test_chinese_mail_reaches_the_agent_with_the_skill_and_is_answered(stack: Stack, open_desk: OpenDesk) -> None:
    skilled = await open_desk(stack.hire("陈小静", ["mail", "language:zh"], locale="zh-CN"))
    unskilled = await open_desk(stack.hire("Without Mail", ["chat", "language:zh"]))
    subject = _subject()

    # A multipart mail in GB18030 with a Chinese file name, signed by the customer's own domain.
    first = _letter(
        CUSTOMER,
        subject,
        "您好，我的空气净化器最近声音很大，请问还在保修期内吗？𠮷",
        name="林小梅",
        charset="gb18030",
        html="<p>您好，我的空气净化器最近声音很大，请问还在保修期内吗？𠮷</p>",
        attachments=[("购买发票.pdf", INVOICE)],
    )
    sent_at = monotonic()
    stack.post.send(first)
    offer = skilled.offer(subject)
    await expect(offer).to_be_visible(timeout=2_000)
    assert monotonic() - sent_at < 2, "from SMTP to the agent's screen within 2 s"
    await expect(unskilled.offer()).to_have_count(0)

    # The offer says whom it is about; the screen pop tells the rest at once, before she accepts.
    await expect(offer).to_contain_text("林小梅")
    await expect(offer).to_contain_text(skilled.words("identity.verified"))
    await expect(offer).to_contain_text(skilled.words("tier.gold"))
    await skilled.accept(subject)
    pop = skilled.pop
    await expect(pop.get_by_role("heading", level=2)).to_contain_text("林小梅")
    await expect(pop.locator('.badges [data-identity="verified"]')).to_have_text(skilled.words("identity.verified"))
    await expect(pop).to_contain_text(skilled.words("tier.gold"))
    await expect(pop).to_contain_text("空气净化器 A3")
    await expect(pop).to_contain_text("滤芯 A3 × 2")
    await expect(pop).to_contain_text(skilled.words.pattern("warranty.active"))
    await expect(pop).to_contain_text(skilled.words.pattern("warranty.ends_soon"))
    await expect(pop).to_contain_text(skilled.words.pattern("warranty.ended"))
    await expect(pop).to_contain_text("询问滤芯更换周期")
    await expect(pop).to_contain_text("周浩然")

    # What was written is there, letter by letter, and the file can be taken out unharmed.
    await skilled.has_message("请问还在保修期内吗？𠮷")
    async with skilled.page.expect_download() as waiting:
        await skilled.log.get_by_role("button").filter(has_text="购买发票.pdf").click()
    download = await waiting.value
    assert download.suggested_filename == "购买发票.pdf"
    assert (await download.path()).read_bytes() == INVOICE

    # She answers from a prepared text; the customer finds the answer in the thread.
    interaction_id = skilled.interaction_id()
    answer = await skilled.answer_with_template("保修说明", adding=f"编号 {uuid4().hex[:6]}")
    assert "林小梅" in answer
    assert "陈小静" in answer
    reply = await eventually(
        lambda: next((each for each in stack.post.received(CUSTOMER) if subject in str(each["Subject"])), None),
        seconds=5,
        what="the answer in the customer's mailbox",
    )
    assert str(reply["Subject"]) == f"Re: {subject}"
    assert str(reply["In-Reply-To"]) == first.message_id
    assert first.message_id in str(reply["References"])
    assert CARE in str(reply["From"])
    assert "auto-submitted" not in {name.lower() for name in reply}
    assert _text(reply).split() == answer.split()

    # The customer answers that: it joins the same interaction.
    second = _letter(
        CUSTOMER,
        f"Re: Re: {subject}",
        "谢谢，我明天寄出。",
        name="林小梅",
        headers={
            "In-Reply-To": str(reply["Message-ID"]),
            "References": f"{first.message_id} {reply['Message-ID']}",
        },
    )
    stack.post.send(second)
    await skilled.has_message("我明天寄出")
    assert skilled.interaction_id() == interaction_id
    await expect(skilled.rows).to_have_count(1)


async def test_a_copy_of_the_answer_goes_to_whom_the_agent_names(stack: Stack, open_desk: OpenDesk) -> None:
    desk = await open_desk(stack.hire("抄送", ["mail", "language:zh"], locale="zh-CN"))
    letter = _letter(_stranger(), _subject())
    stack.post.send(letter)
    await desk.accept(letter.subject)
    await desk.page.get_by_role("button", name=desk.words("composer.cc"), exact=True).click()
    copies = desk.page.get_by_label(desk.words("composer.cc"), exact=True)
    await copies.fill("周浩然 <zhou.haoran@qinghe.example>，zhou")
    await expect(desk.page.get_by_text(desk.words("composer.cc_wrong", typed="zhou"))).to_be_visible()
    await copies.fill("周浩然 <zhou.haoran@qinghe.example>")
    await desk.write("明天上门。")
    await expect(copies).to_be_hidden()
    await expect(desk.log).to_contain_text("zhou.haoran@qinghe.example")

    def arrived(address: str) -> EmailMessage | None:
        return next((each for each in stack.post.received(address) if letter.subject in str(each["Subject"])), None)

    reply = await eventually(lambda: arrived(letter.sender), seconds=5, what="the answer")
    copy = await eventually(lambda: arrived("zhou.haoran@qinghe.example"), seconds=5, what="its copy")
    assert str(reply["Cc"]) == str(copy["Cc"]) == "zhou.haoran@qinghe.example"
    assert reply["Message-ID"] == copy["Message-ID"]


async def test_the_same_message_id_twice_is_one_message(stack: Stack, agent: Colleague) -> None:
    letter = _letter(_stranger(), _subject())
    raw = stack.post.send(letter)
    offer = await _offered(agent, letter.subject)
    stack.post.send_raw(letter.sender, raw)
    interaction_id = agent.accept(offer)
    stack.post.send_raw(letter.sender, raw)
    # A mail that comes after them shows that both have been read.
    stack.post.send(_letter(letter.sender, letter.subject, "还有一个问题"))
    await eventually(lambda: len(_messages(agent, interaction_id)) > 1, seconds=5, what="the next mail")
    assert len(_messages(agent, interaction_id)) == 2
    assert len(_matters(agent, letter.subject)) == 1


async def test_machines_mails_open_nothing(stack: Stack, agent: Colleague) -> None:
    sender = _stranger()
    machines = {
        "自动回复": {"Auto-Submitted": "auto-replied"},
        "休假通知": {"X-Autoreply": "yes"},
        "周刊": {"Precedence": "bulk"},
    }
    subjects = [f"{name} {uuid4().hex[:6]}" for name in machines]
    for subject, headers in zip(subjects, machines.values(), strict=True):
        stack.post.send(_letter(sender, subject, headers=headers))
    bounced = f"Undelivered {uuid4().hex[:6]}"
    stack.post.send_raw("mailer-daemon@signed.example", _bounce(bounced))
    marker = _letter(_stranger(), _subject())
    stack.post.send(marker)
    await _offered(agent, marker.subject)
    for subject in [*subjects, bounced]:
        assert _matters(agent, subject) == []
    assert {offer["interaction"]["subject"] for offer in agent.offers()} == {marker.subject}


def _bounce(subject: str) -> bytes:
    return (
        f"From: Mail Delivery <mailer-daemon@signed.example>\r\nTo: {CARE}\r\nSubject: {subject}\r\n"
        f"Message-ID: {new_message_id()}\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nYour mail was not delivered.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.signed.example\r\n\r\n"
        "Final-Recipient: rfc822; nobody@signed.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n"
    ).encode()


@pytest.mark.parametrize("signed_by", [None, "hillview.example"], ids=["not signed", "signed by another domain"])
async def test_a_forged_sender_stays_a_claim_and_opens_no_history(
    stack: Stack, open_desk: OpenDesk, signed_by: str | None
) -> None:
    desk = await open_desk(stack.hire("Careful", ["mail"], locale="en"))
    subject = _subject()
    stack.post.send(_letter("grace.kim@northgate.example", subject, "Send me my invoices."), signed_by=signed_by)
    offer = desk.offer(subject)
    await expect(offer).to_contain_text(desk.words("identity.claimed"))
    await desk.accept(subject)
    pop = desk.pop
    await expect(pop.locator('.badges [data-identity="claimed"]')).to_be_visible()
    await expect(pop).to_contain_text(desk.words("customer.claimed"))
    await expect(pop).to_contain_text(desk.words("customer.masked"))
    for secret in ("Coffee machine K5", "one invoice per office", "415 555", "Buys for twelve offices"):
        await expect(pop).not_to_contain_text(secret)


async def test_a_forged_mail_does_not_join_what_the_proven_sender_has_opened(stack: Stack, agent: Colleague) -> None:
    sender = _stranger()
    honest = _letter(sender, _subject())
    stack.post.send(honest)
    interaction_id = agent.accept(await _offered(agent, honest.subject))
    forged = _letter(sender, honest.subject, "请把退款打到我的新账户", headers={"References": honest.message_id})
    stack.post.send(forged, signed_by=None)
    offer = await _offered(agent, honest.subject)
    assert offer["interaction"]["id"] != interaction_id
    assert offer["interaction"]["customer"]["identity"] == "claimed"
    assert len(_messages(agent, interaction_id)) == 1


async def test_a_mail_that_cannot_be_shown_is_held_where_a_supervisor_sees_it(
    stack: Stack, agent: Colleague, open_desk: OpenDesk
) -> None:
    subject = f"Many parts {uuid4().hex[:6]}"
    parts = b"".join(b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n" for _ in range(10_000))
    head = (
        f"From: Somebody <{_stranger()}>\r\nTo: {CARE}\r\nSubject: {subject}\r\nMessage-ID: {new_message_id()}\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
    )
    stack.post.send_raw(_stranger(), head.encode() + parts + b"--b--\r\n")
    desk = await open_desk(stack.hire("Watching", roles=["supervisor"]), status=None)

    def held() -> bool:
        answer = stack.admin.request("GET", f"{ROUTER}/quarantine").json()
        listed = answer["items"] if isinstance(answer, dict) else answer
        return any(each["subject"] == subject for each in listed)

    await eventually(held, seconds=5, what="the held mail")
    await desk.page.get_by_role("link", name=desk.words("rail.quarantine")).click()
    row = desk.page.locator("tbody tr").filter(has_text=subject)
    await expect(row).to_contain_text(desk.words("quarantine.because.too_many_parts"))
    await never(lambda: _matters(agent, subject), seconds=0.5, what="an offer of it")


async def test_script_in_a_mail_is_shown_as_text(stack: Stack, open_desk: OpenDesk) -> None:
    desk = await open_desk(stack.hire("Reader", ["mail"]))
    subject = f'<img src=x onerror="document.title=1"> {uuid4().hex[:6]}'
    text = "<script>document.title = 'taken'</script> &lt;b&gt; <svg onload=document.title=2>"
    stack.post.send(_letter(_stranger(), subject, text, name="<b>Eve</b>", html=f"<p>hello</p>{text}"))
    await expect(desk.offer(subject)).to_be_visible()
    await desk.accept(subject)
    await desk.has_message("<script>document.title = 'taken'</script>")
    assert await desk.page.locator("img[src=x], .text script, .text svg").count() == 0
    assert "taken" not in await desk.page.title()
