import pytest

from interaction_router.channels.mail.classify import Sender, classify
from interaction_router.channels.mail.message import Parsed
from interaction_router.channels.mail.parse import parse

from .mails import plain

OWN = "care@shop.example"


def sender_of(raw: bytes) -> Sender:
    mail = parse(raw)
    assert isinstance(mail, Parsed)
    return classify(mail, OWN)


def test_a_person() -> None:
    assert sender_of(plain()) is Sender.PERSON
    assert sender_of(plain(Auto_Submitted="no")) is Sender.PERSON
    assert sender_of(plain(X_Auto_Response_Suppress="All")) is Sender.PERSON


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Auto_Submitted": "auto-replied"}, Sender.AUTO_REPLY),
        ({"Auto_Submitted": "auto-generated (vacation)"}, Sender.AUTO_REPLY),
        ({"X_Autoreply": "yes"}, Sender.AUTO_REPLY),
        ({"Precedence": "bulk"}, Sender.BULK),
        ({"Return_Path": "<>"}, Sender.BOUNCE),
        ({"Return_Path": "<>", "Auto_Submitted": "auto-replied"}, Sender.AUTO_REPLY),
        ({"sender": "MAILER-DAEMON@mx.example"}, Sender.BOUNCE),
        ({"sender": "MAILER-DAEMON@mx.example", "Auto_Submitted": "auto-replied"}, Sender.BOUNCE),
        ({"sender": "Care <Care@shop.example>"}, Sender.OURSELVES),
        ({"X_Loop": OWN}, Sender.LOOP),
    ],
)
def test_machines(headers: dict[str, str], expected: Sender) -> None:
    assert sender_of(plain(**headers)) is expected


def test_a_delivery_report() -> None:
    raw = (
        b"From: mx@mx.example\r\n"
        b'Content-Type: multipart/report; report-type=delivery-status; boundary="x"\r\n\r\n'
        b"--x\r\n\r\nfailed\r\n"
        b"--x\r\nContent-Type: message/delivery-status\r\n\r\nAction: failed\r\n\r\n--x--\r\n"
    )
    assert sender_of(raw) is Sender.BOUNCE


@pytest.mark.parametrize("kind", ["disposition-notification", "feedback-report"])
def test_a_report_that_a_mail_was_read_is_no_bounce(kind: str) -> None:
    raw = (
        b"From: li.wei@customer.example\r\nIn-Reply-To: <ours@shop.example>\r\n"
        b"Content-Type: multipart/report; report-type=" + kind.encode() + b'; boundary="x"\r\n\r\n'
        b"--x\r\n\r\nIt was read.\r\n--x--\r\n"
    )
    assert sender_of(raw) is Sender.AUTO_REPLY


def test_a_mail_that_went_round_too_often() -> None:
    assert sender_of(b"Received: by x\r\n" * 61 + plain()) is Sender.LOOP
