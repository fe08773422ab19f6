"""Reads what was uploaded as rows of cells. Pure functions; nothing is ever unpacked."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

_PACKED: Final = (b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"\xd0\xcf\x11\xe0")
_WIDE: Final = (b"\xff\xfe", b"\xfe\xff")
_DELIMITERS: Final = ",;\t"
_FIRST_DATA_ROW: Final = 2

Record = tuple[int, list[str]]


class UnreadableFileError(Exception):
    """The file cannot be taken as a whole; `rule` names why and `hint` the way out."""

    def __init__(self, rule: str, hint: str) -> None:
        super().__init__(f"{rule}. {hint}")
        self.rule = rule
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Layout:
    """How to read the file: its encoding, its delimiter, and which column holds what."""

    encoding: str
    delimiter: str
    # The field of each column; None for a column that the caller wants left out.
    fields: list[str | None]


def layout(content: bytes, known: Mapping[str, str], mapping: Mapping[str, str | None]) -> Layout:
    """Find out how to read `content`: `known` names columns by their usual headers, `mapping` by the caller's."""
    encoding = _encoding(content)
    head = io.TextIOWrapper(io.BytesIO(content), encoding, newline="").readline()
    delimiter = max(_DELIMITERS, key=head.count)
    header = next(_rows(content, encoding, delimiter), None)
    if header is None:
        raise UnreadableFileError("empty file", "The first row names the columns, each further row is one record.")
    return Layout(encoding, delimiter, _fields(header, known, mapping))


def records(content: bytes, found: Layout) -> Iterator[Record]:
    """The rows after the header with the numbers that a spreadsheet shows; empty rows are passed over."""
    rows = _rows(content, found.encoding, found.delimiter)
    next(rows, None)
    for number, cells in enumerate(rows, start=_FIRST_DATA_ROW):
        if any(cell.strip() for cell in cells):
            yield number, cells


def _encoding(content: bytes) -> str:
    if content.startswith(_PACKED):
        raise UnreadableFileError("packed file", "Send the CSV file itself; save a spreadsheet as CSV.")
    if content.startswith(_WIDE):
        raise UnreadableFileError("UTF-16", "Save the file as UTF-8 or GB18030.")
    if b"\x00" in content:
        raise UnreadableFileError("not a text", "Send a CSV file in UTF-8 or GB18030.")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    raise UnreadableFileError("unknown encoding", "Save the file as UTF-8 or GB18030.")


def _fields(header: list[str], known: Mapping[str, str], mapping: Mapping[str, str | None]) -> list[str | None]:
    names = [name.strip() for name in header]
    lost = sorted(set(mapping) - set(names))
    if lost:
        raise UnreadableFileError(f"no column {lost[0]!r}", f"The file has the columns {', '.join(names)}.")
    fields: list[str | None] = []
    for name in names:
        if name in mapping:
            fields.append(mapping[name])
        elif name.lower() in known:
            fields.append(known[name.lower()])
        else:
            usual = ", ".join(sorted(set(known.values())))
            hint = f"Use {usual}; or say in `columns` what it holds, null to leave it out."
            raise UnreadableFileError(f"unknown column {name!r}", hint)
    given = [field for field in fields if field is not None]
    wrong = sorted(set(given) - set(known.values()))
    if wrong:
        raise UnreadableFileError(f"unknown field {wrong[0]!r}", f"Use {', '.join(sorted(set(known.values())))}.")
    if len(set(given)) < len(given):
        raise UnreadableFileError("two columns for one field", "Let each field have one column.")
    return fields


def _rows(content: bytes, encoding: str, delimiter: str) -> Iterator[list[str]]:
    text = io.TextIOWrapper(io.BytesIO(content), encoding, newline="")
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as fault:
            raise UnreadableFileError(
                f"broken CSV in line {reader.line_num}", f"The reader says: {fault}. Check the quotes there."
            ) from None
        yield row
