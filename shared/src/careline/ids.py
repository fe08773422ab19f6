"""Identifiers: UUIDv7 inside, TypeID text outside (`cus_01h2xcejqtf2nbrexx3vqjhp41`).

The text form follows the TypeID specification 0.3: a lower-case prefix, an underscore, and the 128 bits in 26
characters of Crockford's base 32. It sorts as the UUID does and tells a reader what it names.
"""

from typing import Annotated, Any
from uuid import UUID

import uuid_utils.compat
from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
# Two characters at a time: ids are written and read several times in each request.
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_VALUE_OF = {pair: value for value, pair in enumerate(_PAIRS)}
_TEXT_LENGTH = 26
_UUID_BITS = 128


def new_id() -> UUID:
    """A new UUIDv7: ordered by time of creation, so that indexes grow at one end."""
    return uuid_utils.compat.uuid7()


def encode(prefix: str, value: UUID) -> str:
    """The TypeID text of `value`."""
    number = value.int
    return f"{prefix}_{''.join([_PAIRS[number >> shift & 1023] for shift in range(120, -1, -10)])}"


def decode(prefix: str, text: str) -> UUID:
    """The UUID in a TypeID text; ValueError says which rule the text breaks."""
    found, _, digits = text.rpartition("_")
    if found != prefix:
        raise ValueError(f"must start with {prefix}_")
    if len(digits) != _TEXT_LENGTH:
        raise ValueError(f"must have {_TEXT_LENGTH} characters after {prefix}_")
    number = 0
    for place in range(0, _TEXT_LENGTH, 2):
        value = _VALUE_OF.get(digits[place : place + 2])
        if value is None:
            raise ValueError(f"must use only the characters {_ALPHABET}")
        number = number << 10 | value
    if number >> _UUID_BITS:
        raise ValueError("names a number beyond 128 bits")
    return UUID(int=number)


def typed_id(prefix: str) -> Any:
    """A Pydantic type: `UUID` in code, `<prefix>_…` in JSON, paths and queries.

    Usage::

        CustomerId = Annotated[UUID, *typed_id("cus")]
    """

    def read(value: object) -> UUID:
        if isinstance(value, UUID):
            return value
        if isinstance(value, str):
            return decode(prefix, value)
        raise ValueError(f"must be a text that starts with {prefix}_")

    return (
        BeforeValidator(read),
        PlainSerializer(lambda value: encode(prefix, value), return_type=str, when_used="json"),
        WithJsonSchema(
            {
                "type": "string",
                "pattern": f"^{prefix}_[0-7][{_ALPHABET}]{{25}}$",
                "examples": [encode(prefix, UUID(int=0x0192F0C1_7E00_7000_8000_000000000001))],
            }
        ),
    )


EventId = Annotated[UUID, WithJsonSchema({"type": "string", "format": "uuid"})]
