"""Changing the care matrix."""

import json
from datetime import datetime

from care_scheduler.gates.model import Cell
from care_scheduler.matrix import repository
from care_scheduler.matrix.schemas import CellInput, CellOutput
from care_scheduler.templates import repository as templates
from care_scheduler.templates.service import checked
from care_scheduler.templates.texts import Texts
from care_scheduler.templates.values import known_for
from care_scheduler.versions import check_match
from careline.database import WriteConnection
from careline.problems import InvalidInput, NotFound

USUAL_PRIORITY = 50


async def put(
    connection: WriteConnection, tier: str, occasion: str, body: CellInput, if_match: str | None, by: str, now: datetime
) -> CellOutput:
    """Keep a new version of a cell if its template knows all that it asks for on this occasion."""
    if not await repository.lock_occasion(connection, occasion):
        raise NotFound("occasion", occasion)
    before = await repository.current(connection, tier, occasion)
    if before is not None:
        check_match(if_match, before["version"])
    if body.template_key is not None:
        await _check_template(connection, body.template_key, occasion)
    usual = before["priority"] if before is not None else USUAL_PRIORITY
    cell = Cell(
        tier,
        occasion,
        before["version"] + 1 if before is not None else 1,
        body.means,
        body.template_key,
        usual if body.priority is None else body.priority,
    )
    await repository.keep(connection, cell, by, now)
    return shown(cell, by, now)


def shown(cell: Cell, by: str, at: datetime) -> CellOutput:
    """A cell as it goes out."""
    return CellOutput(
        tier=cell.tier,
        occasion=cell.occasion,
        name=cell.name,
        version=cell.version,
        means=cell.means,
        template_key=cell.template_key,
        priority=cell.priority,
        changed_by=by,
        changed_at=at,
    )


async def _check_template(connection: WriteConnection, key: str, occasion: str) -> None:
    # Held, so that its texts cannot come to ask for more while the cell is made.
    if await templates.locked_version(connection, key) is None:
        raise InvalidInput("template_key", "unknown template", "Save the template first.")
    (row,) = await templates.newest(connection, key)
    for texts in json.loads(row["languages"]).values():
        checked(Texts(**texts), known_for(occasion), "template_key")
