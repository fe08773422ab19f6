"""What somebody may have meant who typed one identifier without saying which kind it is."""

import re
import unicodedata

from customer_profile.events import IdentifierType
from customer_profile.identifiers.normal import InvalidIdentifierError, normalise

# The two kinds that are typed most often need no library to be spelled; a test holds both ways to one result.
_PLAIN_MOBILE = re.compile(r"(?:\+86|0086|86)?(1[3-9][0-9]{9})")
_PLAIN_MAIL = re.compile(r"[A-Za-z0-9_\-]+(?:\.[A-Za-z0-9_\-]+)*@[A-Za-z0-9]+(?:\.[A-Za-z0-9]+)+")
_LONGEST_PLAIN_MAIL = 60

_DIGITS = re.compile(r"[0-9]")
_PHONE_LIKE = re.compile(r"[+(\d][\d\s()+\-\u2010-\u2015./;=:#,a-z转轉接分机機号號]*", re.IGNORECASE)
_HAN = re.compile(r"[\u4e00-\u9fff]")
_FEWEST_PHONE_DIGITS = 5
_OPEN_ID = re.compile(r"o[A-Za-z0-9_\-]{27}")
# Any app will do: what was typed does not say which one.
_ANY_NAMESPACE = "any"

Guess = tuple[IdentifierType, str]


def guess(typed: str) -> list[Guess]:
    """Every identifier that `typed` may be, as its type and its one spelling; the likeliest kind first."""
    if mobile := _PLAIN_MOBILE.fullmatch(typed):
        return [("phone", f"+86{mobile[1]}"), *_spelled(typed, ["card", "order"])]
    if len(typed) <= _LONGEST_PLAIN_MAIL and _PLAIN_MAIL.fullmatch(typed):
        return [("email", typed.lower())]
    text = unicodedata.normalize("NFKC", typed).strip()
    return _spelled(text, _kinds(text))


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


def _spelled(text: str, kinds: list[IdentifierType]) -> list[Guess]:
    found: list[Guess] = []
    for kind in kinds:
        try:
            normal = normalise(kind, text, _ANY_NAMESPACE if kind == "wechat_open" else "")
        except InvalidIdentifierError:
            continue
        found.append((kind, normal.value))
    return found
