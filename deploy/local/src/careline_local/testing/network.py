"""Tests reach this machine only: a connection to anywhere else is an error of the test.

An audit hook sees every connection that Python itself makes. Connections of native event loops and of child
processes pass it by; tests use neither for what they check.
"""

import ipaddress
import sys
from typing import Any

import pytest

_CHECKED_EVENTS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})


class ForeignAddressError(AssertionError):
    """A test tried to leave this machine."""


def pytest_configure(config: pytest.Config) -> None:
    """Put the guard up before any test module is imported."""
    del config
    sys.addaudithook(refuse_foreign_addresses)


def refuse_foreign_addresses(event: str, arguments: tuple[Any, ...]) -> None:
    """Audit hook: let loopback and Unix sockets pass."""
    if event in _CHECKED_EVENTS:
        address = arguments[1]
        if isinstance(address, tuple) and not _is_loopback(str(address[0])):
            raise ForeignAddressError(f"tests must not leave this machine, this one connects to {address}")
    elif event == "socket.getaddrinfo" and not _is_loopback(_text(arguments[0])):
        raise ForeignAddressError(f"tests must not leave this machine, this one looks up {arguments[0]!r}")


def _text(host: Any) -> str:
    return host.decode() if isinstance(host, bytes) else str(host or "localhost")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host == "localhost"
