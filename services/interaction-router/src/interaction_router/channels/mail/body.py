"""The parts of a mail: one text to read, the rest as attachments. Nothing is unpacked or run."""

import re
from dataclasses import dataclass
from email.message import Message

from inscriptis import get_text
from inscriptis.model.config import ParserConfig
from inscriptis.model.html_document_state import HtmlDocumentState
from inscriptis.model.tag import CustomHtmlTagHandlerMapping

from interaction_router.channels.mail.charset import clean, decode, decode_words
from interaction_router.channels.mail.message import Attachment

MAX_TEXT_CHARS = 100_000
MAX_HTML_CHARS = 1_000_000
UNSAFE_IN_NAMES = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|\u202a-\u202e\u2066-\u2069]")
# An address that is shown already needs not be said again.
SAID_TWICE = re.compile(r"(https?://[^\s<>]+?)/? <\1/?>")
MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,99}/[a-z0-9][a-z0-9!#$&^_.+-]{0,99}")


@dataclass(frozen=True, slots=True)
class Content:
    """What was in a mail."""

    text: str
    html_available: bool
    attachments: tuple[Attachment, ...]


def read_parts(message: Message) -> Content:
    """Collect text and files in the order in which they stand."""
    plain: list[str] = []
    html: list[str] = []
    files: list[Attachment] = []
    for part in _leaves(message):
        kind = part.get_content_type()
        inline = part.get_content_disposition() != "attachment" and not part.get_filename()
        if inline and kind == "text/plain":
            plain.append(decode(_bytes(part), part.get_param("charset")))  # type: ignore[arg-type]
        elif inline and kind == "text/html":
            html.append(decode(_bytes(part), part.get_param("charset")))  # type: ignore[arg-type]
        else:
            files.append(_attachment(part, len(files) + 1))
    text = "\n\n".join(each.strip() for each in plain if each.strip())
    if not text and html:
        text = html_to_text("\n".join(html))
    if len(text) > MAX_TEXT_CHARS:
        files.append(Attachment("message.txt", "text/plain", text.encode()))
        text = text[:MAX_TEXT_CHARS]
    return Content(text, bool(html), tuple(files))


def html_to_text(html: str) -> str:
    """The words of a page, with its tables and lists in shape, and where its links lead."""
    # A declaration of the encoding makes lxml refuse text that is decoded already.
    bare = re.sub(r"^\s*<\?xml[^>]*\?>", "", html[:MAX_HTML_CHARS])
    if not bare.strip():
        return ""
    return SAID_TWICE.sub(r"\1", clean(get_text(bare, _WITH_LINKS))).strip()


def _link_begins(state: HtmlDocumentState, attributes: dict[str, str]) -> None:
    target = "".join(attributes.get("href", "").split())
    state.link_target = target if target.lower().startswith(("http://", "https://")) else ""


def _link_ends(state: HtmlDocumentState) -> None:
    if state.link_target:
        state.tags[-1].write(f" <{state.link_target}>")
        state.link_target = ""


_WITH_LINKS = ParserConfig(
    custom_html_tag_handler_mapping=CustomHtmlTagHandlerMapping(
        start_tag_mapping={"a": _link_begins}, end_tag_mapping={"a": _link_ends}
    )
)


def _leaves(part: Message) -> list[Message]:
    payload = part.get_payload()
    if part.get_content_maintype() != "multipart" or not isinstance(payload, list):
        return [part]
    return [leaf for child in payload if isinstance(child, Message) for leaf in _leaves(child)]


def _bytes(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _attachment(part: Message, number: int) -> Attachment:
    kind = part.get_content_type()
    inner = part.get_payload()
    if isinstance(inner, list):
        content = b"".join(each.as_bytes() for each in inner if isinstance(each, Message))
        fallback = f"message-{number}.eml"
    else:
        content = _bytes(part)
        fallback = f"attachment-{number}"
    return Attachment(
        name=safe_name(part.get_filename(), fallback),
        media_type=kind if MEDIA_TYPE.fullmatch(kind) else "application/octet-stream",
        content=content,
    )


def safe_name(name: str | None, fallback: str) -> str:
    """A file name that can do no harm on any system: no path, no control or direction characters."""
    cleaned = UNSAFE_IN_NAMES.sub("_", decode_words(name or "")).strip(". ")
    return cleaned[-120:] or fallback
