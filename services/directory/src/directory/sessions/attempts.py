"""Bounds on guessing, kept in the database so that they hold over replicas and restarts.

An attempt is counted before the password is looked at and given back when it was right: a thousand guesses sent at
once meet the bound like a thousand in a row. Known and unknown logins are counted alike.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from math import ceil
from typing import Final

from careline.database import WriteConnection

WINDOW: Final = timedelta(minutes=15)
FAILURES_PER_LOGIN: Final = 10
# A whole office may share one address, and everybody mistypes now and then.
FAILURES_PER_ADDRESS: Final = 100
IPV6_SITE_BITS: Final = 64

# Counts one attempt for each key, in the order of the keys so that two requests never wait for each other in a ring.
_RESERVE = """
INSERT INTO sign_in_attempts AS known (key, began_at, count)
SELECT key, $2, 1 FROM unnest($1::bytea[]) WITH ORDINALITY AS given (key, place) ORDER BY place
ON CONFLICT (key) DO UPDATE
SET began_at = CASE WHEN known.began_at <= $3 THEN excluded.began_at ELSE known.began_at END,
    count = CASE WHEN known.began_at <= $3 THEN 1 ELSE least(known.count, 1000000) + 1 END
RETURNING key, began_at, count
"""
_FORGIVE_LOGIN = "DELETE FROM sign_in_attempts WHERE key = $1"
_GIVE_BACK = "UPDATE sign_in_attempts SET count = greatest(count - 1, 0) WHERE key = $1"
_PRUNE = "DELETE FROM sign_in_attempts WHERE began_at <= $1"


@dataclass(frozen=True)
class Counters:
    """The two counters that one attempt belongs to."""

    login: bytes
    address: bytes

    @classmethod
    def of(cls, login: str, address: str | None) -> "Counters":
        """The counters of a login as typed, and of the network that the request came from."""
        return cls(_key("login", login), _key("address", _network(address)))


async def reserve(connection: WriteConnection, counters: Counters, now: datetime) -> int | None:
    """Count one attempt; the seconds to wait if there were too many, else None."""
    keys: Sequence[bytes] = sorted((counters.login, counters.address))
    rows = await connection.fetch(_RESERVE, keys, now, now - WINDOW)
    limits = {counters.login: FAILURES_PER_LOGIN, counters.address: FAILURES_PER_ADDRESS}
    waits = [began_at + WINDOW - now for key, began_at, count in rows if count > limits[bytes(key)]]
    return max(1, ceil(max(waits).total_seconds())) if waits else None


async def forgive(connection: WriteConnection, counters: Counters) -> None:
    """The attempt was right: it does not count, nor do this login's earlier ones."""
    for key, statement in sorted(((counters.login, _FORGIVE_LOGIN), (counters.address, _GIVE_BACK))):
        await connection.execute(statement, key)


async def prune(connection: WriteConnection, now: datetime) -> None:
    """Forget what bounds nothing any more."""
    await connection.execute(_PRUNE, now - WINDOW)


def _key(kind: str, value: str) -> bytes:
    return sha256(f"{kind}:{value}".encode()).digest()


def _network(address: str | None) -> str:
    """An IPv4 address, or the site of an IPv6 one: a household has 2^64 of those."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed.packed, IPV6_SITE_BITS), strict=False))
    return str(parsed)
