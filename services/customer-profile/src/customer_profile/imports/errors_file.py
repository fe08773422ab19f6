"""The rows that were not taken, as a file that a spreadsheet opens without running anything in it."""

import csv
import io
from collections.abc import Iterable
from typing import Final

from customer_profile.imports.rows import Fault

HEADER: Final = ("row", "field", "rule", "value", "hint")

# A cell that begins with one of these is a formula to a spreadsheet; full-width signs count in Chinese ones.
_FORMULA_SIGNS: Final = tuple("=+-@\t\r\n|%\uff1d\uff0b\uff0d\uff20")


def errors_file(faults: Iterable[Fault]) -> bytes:
    """CSV in UTF-8 with a byte order mark, which is how spreadsheets know Chinese text."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADER)
    for fault in faults:
        writer.writerow([fault.row, *map(formula_safe, (fault.field, fault.rule, fault.value, fault.hint))])
    return text.getvalue().encode("utf-8-sig")


def formula_safe(cell: str) -> str:
    """The cell as text: what would be a formula gets an apostrophe before it."""
    return f"'{cell}" if cell.lstrip().startswith(_FORMULA_SIGNS) or cell.startswith(_FORMULA_SIGNS) else cell
