from datetime import UTC, datetime

import pytest

from careline.ids import new_id
from interaction_router.channels.mail.copies import NotAnAddressError, copies_to
from interaction_router.channels.mail.message import Parsed
from interaction_router.channels.mail.parse import parse
from interaction_router.channels.mail.reply import Reply, build_reply, reply_subject
from interaction_router.channels.mail.threads import own_message_id, referenced_interaction

from .mails import plain

OWN = "care@shop.example"


def read(raw: bytes) -> Parsed:
    mail = parse(raw)
    assert isinstance(mail, Parsed)
    return mail


def test_an_answer_leads_back_to_its_interaction() -> None:
    interaction = new_id()
    ours = own_message_id(new_id(), interaction, OWN)
    mail = read(plain(In_Reply_To="<else@where.example>", References=f"<root@x.example> {ours}"))
    assert referenced_interaction(mail.references, OWN) == interaction


def test_foreign_and_forged_ids_lead_nowhere() -> None:
    ours = own_message_id(new_id(), new_id(), OWN)
    assert referenced_interaction((ours,), "care@other.example") is None
    assert referenced_interaction((f"<msg_{'z' * 26}.int_{'z' * 26}@shop.example>",), OWN) is None


def test_the_reply_is_threaded_and_stable() -> None:
    reply = Reply(
        message_id="<msg.int@shop.example>",
        sender_name="客服",
        sender=OWN,
        recipient_name="李伟",
        recipient="li.wei@customer.example",
        subject="回复:水龙头\r\nBcc: victim@x.example",
        text="您好,\n保修到明年。",
        sent_at=datetime(2026, 11, 22, tzinfo=UTC),
        references=[f"<{n}@customer.example>" for n in range(30)],
        cc=["son@customer.example", "shop@partner.example"],
    )
    raw = build_reply(reply)
    assert raw == build_reply(reply)
    mail = read(raw)
    assert mail.external_id == "<msg.int@shop.example>"
    assert mail.text.replace("\r\n", "\n") == "您好,\n保修到明年。"
    assert mail.references[0] == "<29@customer.example>"
    assert mail.references[-1] == "<0@customer.example>"
    assert len(mail.references) == 20
    assert "bcc" not in mail.headers
    assert mail.header("cc") == "son@customer.example, shop@partner.example"
    assert "auto-submitted" not in mail.headers


def test_one_re() -> None:
    assert reply_subject("Re: RE: 回复:tap") == "Re: tap"
    assert reply_subject("") == "Re:"


def test_a_copy_goes_to_each_address_once() -> None:
    assert copies_to(["Son@customer.example", "son@CUSTOMER.example", "b@x.example"], OWN) == (
        "Son@customer.example",
        "b@x.example",
    )


@pytest.mark.parametrize(
    "address",
    [
        "son",
        "son@",
        "@x.example",
        "son@x",
        "son@x..example",
        "a b@x.example",
        "李@x.example",
        "a@x.example\r\nBcc: b@x.example",
        OWN.upper(),
    ],
)
def test_what_cannot_get_a_copy_is_refused(address: str) -> None:
    with pytest.raises(NotAnAddressError):
        copies_to([address], OWN)
