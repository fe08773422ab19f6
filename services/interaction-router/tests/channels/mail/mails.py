"""Mails as they come, for tests."""

from email.message import EmailMessage


def plain(
    text: str = "The tap drips.",
    *,
    sender: str = "Li Wei <li.wei@customer.example>",
    subject: str = "Tap",
    message_id: str = "<one@customer.example>",
    **headers: str,
) -> bytes:
    """A simple mail; headers are named with underscores."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = "care@shop.example"
    message["Subject"] = subject
    message["Message-ID"] = message_id
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


def gb18030_with_attachment(message_id: str = "<gb@customer.example>") -> bytes:
    """What a Chinese mail program sends: alternative text and page, both GB18030, and a file."""
    message = EmailMessage()
    message["From"] = "李伟 <li.wei@customer.example>"
    message["To"] = "care@shop.example"
    message["Subject"] = "水龙头漏水"
    message["Message-ID"] = message_id
    message.set_content("您好,水龙头漏水了。请问保修吗?", charset="gb18030", cte="base64")
    message.add_alternative("<p>您好</p><script>alert(1)</script>", subtype="html", charset="gb18030")
    message.add_attachment(b"\x89PNG\r\n", maintype="image", subtype="png", filename="照片.png")
    return message.as_bytes()
