"""Leases with fencing tokens: one holder at a time, and a holder that slept is found out.

A lease is timed by the database's clock because that is the only clock all its seekers share. An advisory lock would
not do: a frozen process keeps it for as long as its connection lives.
"""

from uuid import UUID

from careline.database import Database, Transaction
from careline.ids import new_id
from careline.statements import fetch

# Takes the lease if it is free, expired or already ours. Each new holding gets a higher token.
_ACQUIRE = """
INSERT INTO leases AS held (name, holder, token, expires_at)
VALUES ($1, $2, 1, clock_timestamp() + make_interval(secs => $3))
ON CONFLICT (name) DO UPDATE
SET holder = excluded.holder,
    token = held.token
        + CASE WHEN held.holder = excluded.holder AND held.expires_at > clock_timestamp() THEN 0 ELSE 1 END,
    expires_at = excluded.expires_at
WHERE held.holder = excluded.holder OR held.expires_at <= clock_timestamp()
RETURNING token
"""

_FENCE = "SELECT 1 FROM leases WHERE name = $1 AND token = $2 AND expires_at > clock_timestamp() FOR SHARE"
_RELEASE = "UPDATE leases SET expires_at = clock_timestamp() WHERE name = $1 AND holder = $2"


class LeaseLostError(Exception):
    """Another process holds the lease now; whatever was prepared under it must be dropped."""


class Lease:
    """One named lease as this process sees it."""

    def __init__(self, database: Database, name: str, *, ttl_seconds: float = 4.0) -> None:
        self._database = database
        self._name = name
        self._ttl_seconds = ttl_seconds
        self._holder: UUID = new_id()
        self.token: int | None = None

    async def acquire(self) -> bool:
        """Take or renew the lease; False while another process holds it. Call it again before half the time is over."""
        async with self._database.write_raw() as connection:
            self.token = await connection.fetchval(_ACQUIRE, self._name, self._holder, self._ttl_seconds)
        return self.token is not None

    async def check(self, transaction: Transaction) -> None:
        """Raise LeaseLostError unless the lease is still ours; nobody can take it until `transaction` ends."""
        if self.token is None or not await fetch(transaction, _FENCE, self._name, self.token):
            self.token = None
            raise LeaseLostError(self._name)

    async def release(self) -> None:
        """Let the next process have it at once, on an orderly stop."""
        async with self._database.write_raw() as connection:
            await connection.execute(_RELEASE, self._name, self._holder)
        self.token = None
