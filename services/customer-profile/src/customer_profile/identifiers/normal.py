"""One spelling for each identifier, whatever was typed. Pure functions; what was typed is kept beside it."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, get_args

from email_validator import EmailNotValidError, validate_email

from careline.ids import decode, encode
from customer_profile.events import IdentifierType
from customer_profile.identifiers import phones

TYPES: Final = get_args(IdentifierType)
MAX_TYPED_LENGTH = 320

_GAPS = re.compile(r"[\s\-\u2010-\u2015\u00b7\u2022\u30fb.]+")
_CARD = re.compile(r"[A-Z0-9]{3,32}")
_PLATE = re.compile(r"(?=.*[A-Z0-9]{2})[\u4e00-\u9fff]{0,2}[A-Z0-9]{2,10}[\u4e00-\u9fff]?")
_ORDER = re.compile(r"[A-Z0-9][A-Z0-9._/\-]{0,63}")
_OPEN_ID = re.compile(r"[A-Za-z0-9_\-]{6,64}")
_NAMESPACE = re.compile(r"[A-Za-z0-9._\-]{0,64}")


@dataclass(frozen=True, slots=True)
class Normal:
    """An identifier in its one spelling."""

    type: IdentifierType
    namespace: str
    value: str
    typed: str
    shown: str
    mobile: bool = False

    @property
    def key(self) -> tuple[str, str, str]:
        """What is unique: equal keys name the same identifier."""
        return self.value, self.type, self.namespace


class InvalidIdentifierError(ValueError):
    """The text is no identifier of its type; `rule` names why and `hint` the way out."""

    def __init__(self, rule: str, hint: str) -> None:
        super().__init__(f"{rule}. {hint}")
        self.rule = rule
        self.hint = hint


def normalise(kind: IdentifierType, typed: str, namespace: str = "") -> Normal:
    """The one spelling of `typed`; InvalidIdentifierError says which rule it breaks."""
    if len(typed) > MAX_TYPED_LENGTH:
        raise InvalidIdentifierError("too long", f"Give at most {MAX_TYPED_LENGTH} characters.")
    if not _NAMESPACE.fullmatch(namespace):
        raise InvalidIdentifierError("namespace", "Use letters, digits, dot, hyphen and underscore.")
    if kind == "phone":
        return _phone(typed)
    value, shown = _SPELLINGS[kind](typed)
    if kind == "wechat_open" and not namespace:
        raise InvalidIdentifierError("namespace missing", "Name the app that the open id belongs to.")
    return Normal(kind, namespace if kind in _WITH_NAMESPACE else "", value, typed.strip(), shown)


def _phone(typed: str) -> Normal:
    number = phones.parse(typed)
    if number is None:
        raise InvalidIdentifierError("not a phone number", "Give the number with its area code or country code.")
    return Normal("phone", "", number.value, typed.strip(), number.shown, number.mobile)


def _email(typed: str) -> tuple[str, str]:
    folded = _folded(typed.strip())
    try:
        # Names reserved for examples and intranets are addresses too: what can be reached is not decided here.
        address = validate_email(folded, check_deliverability=False, globally_deliverable=False)
    except (EmailNotValidError, UnicodeError):
        raise InvalidIdentifierError("not a mail address", "Give an address such as name@example.com.") from None
    if "." not in address.domain:
        raise InvalidIdentifierError("not a mail address", "Give the domain in full, such as example.com.")
    value = f"{_folded(address.local_part)}@{address.ascii_domain or address.domain}"
    return value, unicodedata.normalize("NFKC", typed.strip())


def _card(typed: str) -> tuple[str, str]:
    value = _GAPS.sub("", _upper(typed))
    return _matching(_CARD, value, "not a card number", "Use 3 to 32 letters and digits.")


def _plate(typed: str) -> tuple[str, str]:
    value = _GAPS.sub("", _upper(typed))
    return _matching(_PLATE, value, "not a number plate", "Give it as it is on the car, such as 沪A12345.")


def _order(typed: str) -> tuple[str, str]:
    value = "".join(_upper(typed).split()).lstrip("#")
    return _matching(_ORDER, value, "not an order number", "Use at most 64 letters, digits, dots, slashes, hyphens.")


def _open_id(typed: str) -> tuple[str, str]:
    return _matching(_OPEN_ID, typed.strip(), "not an open id", "Give it exactly as WeChat does; case matters.")


def _visitor(typed: str) -> tuple[str, str]:
    try:
        value = encode("vis", decode("vis", typed.strip()))
    except ValueError as fault:
        raise InvalidIdentifierError("not a visitor id", str(fault)) from None
    return value, value


_SPELLINGS: Final[dict[str, Callable[[str], tuple[str, str]]]] = {
    "email": _email,
    "card": _card,
    "plate": _plate,
    "order": _order,
    "wechat_open": _open_id,
    "visitor": _visitor,
}
_WITH_NAMESPACE: Final = frozenset({"card", "order", "wechat_open"})


def _matching(pattern: re.Pattern[str], value: str, rule: str, hint: str) -> tuple[str, str]:
    if not pattern.fullmatch(value):
        raise InvalidIdentifierError(rule, hint)
    return value, value


def _upper(typed: str) -> str:
    return unicodedata.normalize("NFKC", typed).upper()


def _folded(text: str) -> str:
    """Full-width and capital letters become what they mean; folding may need composing once more."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
