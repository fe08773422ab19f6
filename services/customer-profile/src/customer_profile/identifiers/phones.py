"""Phone numbers as E.164, with the traps of Chinese habits: full-width digits, 0086, 转 and 分机, bare area codes."""

import re
import unicodedata
from dataclasses import dataclass

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

HOME_REGION = "CN"
# The longest number that can be dialled has 15 digits; more room is for brackets, blanks and the extension.
MAX_LENGTH = 60

_EXTENSION = re.compile(
    r"\s*(?:转接?|轉接?|分机号?|分機號?|;?\s*ext(?:ension)?[.=:]?|x|#|,)\s*[:.]?\s*(\d{1,8})\s*$", re.IGNORECASE
)
_HYPHENED_EXTENSION = re.compile(r"-\s*(\d{1,6})\s*$")
_DIALLED = re.compile(r"\+?[\d\s()\-\u2010-\u2015./]{3,}")
_DOUBLED_COUNTRY = re.compile(r"^\(?\+?\s*(?:00)?86\)?[\s\-]*0?(?=1[3-9]\d)")
_MOBILE = frozenset({PhoneNumberType.MOBILE})


@dataclass(frozen=True, slots=True)
class Phone:
    """A number that can be dialled. Only a valid mobile number belongs to one person as a rule."""

    value: str
    shown: str
    mobile: bool


def parse(typed: str) -> Phone | None:
    """The number in `typed`, or None if nothing could be dialled.

    A number that is possible but in no plan is kept: carriers open new prefixes faster than any table learns them.
    """
    text = unicodedata.normalize("NFKC", typed).strip().removeprefix("tel:")
    if len(text) > MAX_LENGTH:
        return None
    extension = ""
    if found := _EXTENSION.search(text):
        text, extension = text[: found.start()], found[1]
    number = _number(text)
    if not extension and (number is None or not phonenumbers.is_valid_number(number)):
        # 010-88888888-123: the last group is an extension if the rest is a number without it.
        split = _HYPHENED_EXTENSION.search(text)
        shorter = _number(text[: split.start()]) if split else None
        if split and shorter is not None and phonenumbers.is_valid_number(shorter):
            number, extension = shorter, split[1]
    return None if number is None else _phone(number, extension)


def _number(text: str) -> PhoneNumber | None:
    if not _DIALLED.fullmatch(text):
        return None
    try:
        number = phonenumbers.parse(_DOUBLED_COUNTRY.sub("+86", text), HOME_REGION)
    except NumberParseException:
        return None
    return number if phonenumbers.is_possible_number(number) else None


def _phone(number: PhoneNumber, extension: str) -> Phone:
    value = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    shown = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
    if extension:
        return Phone(f"{value};ext={extension}", f"{shown} ext. {extension}", mobile=False)
    return Phone(value, shown, mobile=phonenumbers.number_type(number) in _MOBILE)
