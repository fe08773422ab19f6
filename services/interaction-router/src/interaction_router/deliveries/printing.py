"""Cards as a PDF. Whatever a customer is called or has written is data and never markup."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Literal

import typst

SHEET = "cards.typ"
OCCASIONS = {
    "birthday": "生日",
    "mid_autumn": "中秋",
    "great_cold": "大寒",
    "three_months": "相识三个月",
    "purchase_overdue": "久未光临",
    "warranty_ending": "保修到期",
    "follow_up": "回访",
}
# With PDF/A-2b a character without a picture is an error, in a plain PDF 1.7 an empty box.
Standard = Literal["a-2b", "1.7"]
WITHOUT_PICTURE = "could not be displayed"


@dataclass(frozen=True, slots=True)
class Card:
    """One card and where it goes."""

    number: int
    name: str
    address: Sequence[str]
    occasion: str
    subject: str
    text: Sequence[str]


@dataclass(frozen=True, slots=True)
class Printed:
    """A PDF, and whether the font lacks some of its characters."""

    pdf: bytes
    glyphs_missing: bool


def print_cards(list_id: str, title: str, cards: Sequence[Card], fonts: Path | None) -> Printed:
    """An overview and one page a card. Blocks for a few hundredths of a second a hundred cards."""
    sheet = {
        "id": list_id,
        "title": title,
        "subtitle": f"{len(cards)} 张",
        "columns": ["№", "收件人", "地址", "场合"],
        "cards": [asdict(card) | {"occasion": OCCASIONS.get(card.occasion, card.occasion)} for card in cards],
    }
    data = {"list": json.dumps(sheet, ensure_ascii=False)}
    try:
        return Printed(_compile(data, fonts, "a-2b"), glyphs_missing=False)
    except typst.TypstError as fault:
        if WITHOUT_PICTURE not in str(fault):
            raise
        return Printed(_compile(data, fonts, "1.7"), glyphs_missing=True)


def _compile(data: dict[str, str], fonts: Path | None, standard: Standard) -> bytes:
    with as_file(files("interaction_router.deliveries") / SHEET) as sheet:
        pdf: bytes = typst.compile(
            sheet,
            font_paths=[fonts] if fonts else [],
            # The page must not differ by machine.
            ignore_system_fonts=fonts is not None,
            sys_inputs=data,
            pdf_standards=standard,
        )
    return pdf
