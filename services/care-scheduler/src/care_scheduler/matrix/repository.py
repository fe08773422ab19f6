"""Statements on the care matrix. A change is a new version of its cell."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from care_scheduler.gates.model import Cell
from careline.database import ReadConnection, WriteConnection

_NEWEST = """
SELECT DISTINCT ON (tier, occasion) tier, occasion, version, means, template_key, priority, changed_by, changed_at
FROM matrix_cells ORDER BY tier, occasion, version DESC
"""
# The row of the occasion orders those who change its cells, new tiers included.
_LOCK = "SELECT key FROM occasions WHERE key = $1 FOR NO KEY UPDATE"
_CURRENT = "SELECT * FROM matrix_cells WHERE tier = $1 AND occasion = $2 ORDER BY version DESC LIMIT 1"
_KEEP = """
INSERT INTO matrix_cells (tier, occasion, version, means, template_key, priority, changed_by, changed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""


async def newest(connection: ReadConnection | WriteConnection) -> Sequence[Any]:
    """All cells as they are now."""
    return await connection.fetch(_NEWEST)


async def cells(connection: ReadConnection | WriteConnection) -> dict[tuple[str, str], Cell]:
    """All cells as they are now, by tier and occasion."""
    return {(row["tier"], row["occasion"]): cell_of(row) for row in await newest(connection)}


async def lock_occasion(connection: WriteConnection, occasion: str) -> bool:
    """Hold the cells of an occasion against others who change them; False if there is no such occasion."""
    return await connection.fetchval(_LOCK, occasion) is not None


async def current(connection: WriteConnection, tier: str, occasion: str) -> Any | None:
    """A cell as it is now."""
    return await connection.fetchrow(_CURRENT, tier, occasion)


async def keep(connection: WriteConnection, cell: Cell, by: str, now: datetime) -> None:
    """Keep a new version of a cell."""
    await connection.execute(
        _KEEP, cell.tier, cell.occasion, cell.version, cell.means, cell.template_key, cell.priority, by, now
    )


def cell_of(row: Any) -> Cell:
    """The cell in a row."""
    return Cell(row["tier"], row["occasion"], row["version"], row["means"], row["template_key"], row["priority"])
