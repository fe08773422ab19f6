"""What somebody may have meant who typed one identifier without saying which kind it is."""

import re
import unicodedata

from customer_profile.events import IdentifierType
from customer_profile.identifiers.normal import InvalidIdentifierError, Normal, normalise

_DIGITS = re.compile(r"\d")
_PHONE_LIKE = re.compile(r"[+(\d][\d\s()+\-\u2010-\u2015./;=:#,a-z转轉接分机機号號]*", re.IGNORECASE)
_HAN = re.compile(r"[\u4e00-\u9fff]")
_FEWEST_PHONE_DIGITS = 5
_OPEN_ID = re.compile(r"o[A-Za-z0-9_\-]{27}")
# Any app will do: what was typed does not say which one.
_ANY_NAMESPACE = "any"


def guess(typed: str) -> list[Normal]:
    """Every identifier that `typed` may be, in its one spelling; the likeliest kind first."""
    text = unicodedata.normalize("NFKC", typed).strip()
    return [found for kind in _kinds(text) if (found := _try(kind, text)) is not None]


def _kinds(text: str) -> list[IdentifierType]:
    if "@" in text:
        return ["email"]
    if text.startswith("vis_"):
        return ["visitor"]
    kinds: list[IdentifierType] = []
    if len(_DIGITS.findall(text)) >= _FEWEST_PHONE_DIGITS and _PHONE_LIKE.fullmatch(text):
        kinds.append("phone")
    if _OPEN_ID.fullmatch(text):
        kinds.append("wechat_open")
    if _HAN.match(text):
        return [*kinds, "plate"]
    kinds += ["card", "order"]
    if _DIGITS.search(text) and not text.isdigit():
        kinds.append("plate")
    return kinds


def _try(kind: IdentifierType, text: str) -> Normal | None:
    try:
        return normalise(kind, text, _ANY_NAMESPACE if kind == "wechat_open" else "")
    except InvalidIdentifierError:
        return None
