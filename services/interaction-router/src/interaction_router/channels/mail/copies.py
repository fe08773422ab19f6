"""Whom an agent lets have a copy of her answer."""

from collections.abc import Iterable
from email.errors import HeaderParseError
from email.headerregistry import Address

from interaction_router.channels.mail.parse import ADDRESS


class NotAnAddressError(ValueError):
    """This is not an address that a copy can go to."""


def copies_to(addresses: Iterable[str], own: str) -> tuple[str, ...]:
    """The addresses, each once; never our own, which would answer itself."""
    found: dict[str, str] = {}
    for each in addresses:
        if not _can_be_written(each) or each.lower() == own.lower():
            raise NotAnAddressError(each)
        found.setdefault(each.lower(), each)
    return tuple(found.values())


def _can_be_written(address: str) -> bool:
    """Of the usual form, and one that a header can carry; the mail server may still refuse it."""
    if not address.isascii() or not ADDRESS.fullmatch(address):
        return False
    try:
        domain = Address(addr_spec=address).domain
    except (HeaderParseError, ValueError, IndexError):
        return False
    return all(domain.split(".")) and "." in domain
