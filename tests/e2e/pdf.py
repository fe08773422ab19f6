"""The text of a PDF as typst writes it: enough to see that a name is on a page, without a library for it."""

import re
import zlib
from collections.abc import Iterator

_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_SINGLE = re.compile(r"beginbfchar(.*?)endbfchar", re.DOTALL)
_PAIR = re.compile(r"<(\w+)>\s*<(\w+)>")
_RANGES = re.compile(r"beginbfrange(.*?)endbfrange", re.DOTALL)
_TRIPLE = re.compile(r"<(\w+)>\s*<(\w+)>\s*<(\w+)>")
_SHOWN = re.compile(rb"<([0-9A-Fa-f\s]+)>|\(((?:\\.|[^\\()])*)\)", re.DOTALL)
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}

Map = dict[int, str]


def readings(pdf: bytes) -> Iterator[str]:
    """What each page says, read with each of the fonts: a text stands in the reading with its own font."""
    streams = list(_streams(pdf))
    maps = [_map(stream.decode("latin-1")) for stream in streams if b"beginbf" in stream]
    for stream in streams:
        if b"BT" in stream and b"ET" in stream:
            glyphs = _glyphs(stream)
            yield from ("".join(known.get(glyph, "") for glyph in glyphs) for known in maps)


def _streams(pdf: bytes) -> Iterator[bytes]:
    for found in _STREAM.finditer(pdf):
        try:
            yield zlib.decompress(found[1])
        except zlib.error:
            yield found[1]


def _map(text: str) -> Map:
    """Glyphs and the characters that a font shows with them."""
    singles, ranges = ("".join(kind.findall(text)) for kind in (_SINGLE, _RANGES))
    known = {int(glyph, 16): _characters(code) for glyph, code in _PAIR.findall(singles)}
    for first, last, code in _TRIPLE.findall(ranges):
        for number, glyph in enumerate(range(int(first, 16), int(last, 16) + 1)):
            known[glyph] = chr(ord(_characters(code)[-1]) + number)
    return known


def _characters(code: str) -> str:
    return bytes.fromhex(code).decode("utf-16-be", "replace")


def _glyphs(stream: bytes) -> list[int]:
    shown = b"".join(_bytes(found[1], found[2]) for found in _SHOWN.finditer(stream))
    return [int.from_bytes(shown[at : at + 2], "big") for at in range(0, len(shown), 2)]


def _bytes(digits: bytes | None, literal: bytes | None) -> bytes:
    if digits is not None:
        return bytes.fromhex(digits.decode())
    return _ESCAPE.sub(_unescaped, literal or b"")


def _unescaped(found: re.Match[bytes]) -> bytes:
    word = found[1]
    return bytes([int(word, 8) & 255]) if word.isdigit() else _ESCAPED.get(word, word)
