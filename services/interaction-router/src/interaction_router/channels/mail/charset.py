"""Bytes to text, whatever the label says. Labels lie: each guess must decode without one wrong byte."""

import re
from email.header import decode_header

# What mailers call GB2312 or GBK is GB18030 with few exceptions, and their Big5 has Hong Kong's additions.
WIDER = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "utf8": "utf-8",
}
# These decode any bytes at all, so that their success proves nothing.
BELIEVE_ANYTHING = {"us-ascii", "ascii", "cp1252", "iso-8859-15", "unknown-8bit", "unknown", "x-unknown"}
THREE_BYTE_UTF8 = re.compile(rb"[\xe0-\xef][\x80-\xbf][\x80-\xbf]")


def decode(data: bytes, label: str | None) -> str:
    """Decode by the label if it fits, else by what does; never raises."""
    declared = (label or "").strip().strip("\"'").lower()
    declared = WIDER.get(declared, declared)
    guesses = [declared, "utf-8", "gb18030"]
    if not declared or declared in BELIEVE_ANYTHING:
        guesses = ["utf-8", "gb18030" if _looks_chinese(data) else "cp1252"]
    elif declared == "gb18030" and THREE_BYTE_UTF8.search(data):
        # Nearly every UTF-8 text is also valid GB18030 and reads as rubbish; the reverse is rare.
        guesses = ["utf-8", "gb18030"]
    for guess in guesses:
        try:
            return clean(data.decode(guess))
        except (LookupError, ValueError):
            continue
    return clean(data.decode("utf-8", "replace"))


def _looks_chinese(data: bytes) -> bool:
    """Pairs of high bytes, as in GB text; Western text in one byte has them one by one."""
    high = len(re.findall(rb"[\x81-\xfe]", data))
    in_pairs = 2 * len(re.findall(rb"[\xa1-\xfe][\xa1-\xfe]", data))
    return high > 0 and in_pairs >= high * 0.9


def clean(text: str) -> str:
    """What PostgreSQL and JSON can hold: no NUL, no lone surrogate."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def decode_words(value: str) -> str:
    """A header's text: encoded words, raw eight-bit bytes, or both."""
    raw = value.encode("utf-8", "surrogateescape")
    if not raw.isascii():
        return _one_line(decode(raw, None))
    try:
        words = decode_header(value)
    except (ValueError, LookupError):
        return _one_line(clean(value))
    return _one_line(
        "".join(word if isinstance(word, str) else decode(word, charset or "us-ascii") for word, charset in words)
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())
