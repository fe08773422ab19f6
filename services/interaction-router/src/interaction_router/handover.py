"""Hands a lease over in good order, so that the next process need not wait for it to run out."""

import asyncio

from careline.leases import Lease

LIMIT_SECONDS = 1.0


async def release_quietly(lease: Lease) -> None:
    """Give the lease back if the database answers; otherwise it ends by itself."""
    try:
        async with asyncio.timeout(LIMIT_SECONDS):
            await lease.release()
    except Exception:  # noqa: BLE001  A stop does not wait for a dead database.
        return
