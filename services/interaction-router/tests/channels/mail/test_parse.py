import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interaction_router.channels.mail.charset import decode
from interaction_router.channels.mail.message import Parsed, Quarantined, QuarantineReason
from interaction_router.channels.mail.parse import MAX_BYTES, parse

from .mails import gb18030_with_attachment, plain


def read(raw: bytes) -> Parsed:
    found = parse(raw)
    assert isinstance(found, Parsed), found
    return found


def refused(raw: bytes) -> QuarantineReason:
    found = parse(raw)
    assert isinstance(found, Quarantined)
    return found.reason


def body(content: bytes, charset: str, encoding: str = "8bit") -> bytes:
    return (
        b"From: a@b.example\r\nMessage-ID: <1@b.example>\r\nSubject: s\r\n"
        + f"Content-Type: text/plain; charset={charset}\r\n".encode()
        + f"Content-Transfer-Encoding: {encoding}\r\n\r\n".encode()
        + content
    )


def test_multipart_gb18030_with_attachment() -> None:
    mail = read(gb18030_with_attachment())
    assert mail.sender == "li.wei@customer.example"
    assert mail.sender_name == "李伟"
    assert mail.subject == "水龙头漏水"
    assert mail.text == "您好,水龙头漏水了。请问保修吗?"
    assert mail.html_available
    assert [(each.name, each.media_type, each.content) for each in mail.attachments] == [
        ("照片.png", "image/png", b"\x89PNG\r\n")
    ]


@pytest.mark.parametrize(
    ("written", "label"),
    [
        ("gb18030", "gb2312"),  # 镕 is not in GB2312 but is sent under its name.
        ("gbk", "gbk"),
        ("big5hkscs", "big5"),
        ("utf-8", "gb2312"),
        ("gb18030", "utf-8"),
        ("utf-8", "iso-8859-1"),
        ("gb18030", "us-ascii"),
        ("utf-8", "no-such-charset"),
    ],
)
def test_labels_that_lie(written: str, label: str) -> None:
    text = "朱先生您好" if written == "big5hkscs" else "朱先生您好,请问保修期到什么时候"
    assert read(body(text.encode(written), label)).text == text


def test_western_text_without_a_label() -> None:
    assert decode("Grüße aus Köln".encode("cp1252"), None) == "Grüße aus Köln"


def test_eight_bit_subject_and_split_encoded_words() -> None:
    raw = b"From: a@b.example\r\nSubject: " + "投诉".encode("gb18030") + b"\r\n\r\nx"
    assert read(raw).subject == "投诉"
    halves = base64.b64encode("漏".encode()[:2]).decode(), base64.b64encode("漏".encode()[2:]).decode()
    words = "".join(f"=?utf-8?B?{half}?=\r\n " for half in halves)
    assert read(f"From: a@b.example\r\nSubject: {words}\r\n\r\nx".encode()).subject == "漏"


def test_html_alone_shows_where_its_links_lead() -> None:
    mail = parse(
        b"From: a@b.example\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
        b'<p>See <a href="https://evil.example/x?a=1&amp;b=2">our <b>bank</b></a>, <a href="https://shop.example">'
        b'https://shop.example/</a> or <a href="mailto:a@b.example">us</a>.</p><p><a href="javascript:steal()">x</a>'
        b'<a href="#top">up</a></p><table><tr><td><a href="\nhttp://t.example/\n">in a table</a></td></tr></table>'
    )
    assert isinstance(mail, Parsed)
    assert "See our bank <https://evil.example/x?a=1&b=2>, https://shop.example or us." in mail.text
    assert "in a table <http://t.example/>" in mail.text
    assert "javascript" not in mail.text
    assert "mailto" not in mail.text


def test_html_alone_becomes_text_without_its_script() -> None:
    raw = (
        b"From: a@b.example\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
        b"<html><head><style>p{color:red}</style><script>steal()</script></head>"
        b"<body><p>First</p><ul><li>one</li></ul></body></html>"
    )
    mail = read(raw)
    assert "First" in mail.text
    assert "one" in mail.text
    assert "steal" not in mail.text
    assert "color" not in mail.text


def test_a_forwarded_mail_is_an_attachment() -> None:
    raw = (
        b'From: a@b.example\r\nContent-Type: multipart/mixed; boundary="x"\r\n\r\n'
        b"--x\r\n\r\nsee below\r\n--x\r\nContent-Type: message/rfc822\r\n\r\n"
        b"From: c@d.example\r\nSubject: inner\r\n\r\ninner text\r\n--x--\r\n"
    )
    mail = read(raw)
    assert mail.text == "see below"
    assert mail.attachments[0].media_type == "message/rfc822"
    assert b"inner text" in mail.attachments[0].content


def test_a_mail_without_an_id_is_known_by_its_bytes() -> None:
    raw = b"From: a@b.example\r\n\r\nhello"
    assert read(raw).external_id == read(raw).external_id
    assert read(raw).external_id.startswith("sha256:")


def test_names_of_files_are_harmless() -> None:
    raw = (
        b'From: a@b.example\r\nContent-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\n'
        b"Content-Type: application/x-sh\r\n"
        b'Content-Disposition: attachment; filename="../../etc/pass\\"wd"\r\n\r\n'
        b"x\r\n--x--\r\n"
    )
    name = read(raw).attachments[0].name
    assert "/" not in name
    assert '"' not in name


def test_a_long_text_is_kept_whole_as_a_file() -> None:
    mail = read(plain("word " * 50_000))
    assert len(mail.text) == 100_000
    assert len(mail.attachments[0].content) > 200_000


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"x" * (MAX_BYTES + 1), QuarantineReason.TOO_LARGE),
        (b"Subject: nobody\r\n\r\nhello", QuarantineReason.NO_SENDER),
        (b"", QuarantineReason.NO_SENDER),
        (b"\x00\xff\xfe" * 100, QuarantineReason.NO_SENDER),
        (
            b"From: a@b.example\r\nContent-Type: multipart/mixed\r\n\r\nno boundary",
            QuarantineReason.BROKEN_STRUCTURE,
        ),
        (
            b'From: a@b.example\r\nContent-Type: multipart/mixed; boundary="x"\r\n\r\nnever begins',
            QuarantineReason.BROKEN_STRUCTURE,
        ),
        (
            b'From: a@b.example\r\nContent-Type: multipart/mixed; boundary="x"\r\n\r\n'
            + b"--x\r\n\r\npart\r\n" * 10_000,
            QuarantineReason.TOO_MANY_PARTS,
        ),
        (
            b"From: a@b.example\r\n"
            + b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(150)),
            QuarantineReason.TOO_DEEP,
        ),
    ],
)
def test_what_cannot_be_shown_is_quarantined(raw: bytes, reason: QuarantineReason) -> None:
    assert refused(raw) is reason


def test_quarantine_still_tells_sender_and_subject() -> None:
    found = parse(b"From: a@b.example\r\nSubject: many\r\n" + b"Content-Type: text/plain\r\n" * 300)
    assert found == Quarantined(QuarantineReason.TOO_MANY_PARTS, "a@b.example", "many")


@given(st.binary(max_size=600))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_parsed_or_quarantined(noise: bytes) -> None:
    parse(noise)
    found = parse(b"From: a@b.example\r\nContent-Type: " + noise)
    if isinstance(found, Parsed):
        found.text.encode()
        found.subject.encode()


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_a_damaged_mail_never_raises(data: st.DataObject) -> None:
    raw = bytearray(gb18030_with_attachment())
    for _ in range(data.draw(st.integers(1, 12))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    found = parse(bytes(raw[: data.draw(st.integers(0, len(raw)))]))
    if isinstance(found, Parsed):
        assert "\x00" not in found.text
        found.text.encode()
