"""Takes one chunk of rows, in a savepoint of its own; a chunk that fails is taken row by row."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import structlog

from careline.faults import is_transient
from customer_profile.context import Work
from customer_profile.imports import customers, purchases
from customer_profile.imports.files import Record
from customer_profile.imports.outcome import Outcome, RaceLostError
from customer_profile.imports.rows import (
    Checked,
    CustomerRow,
    Fault,
    PurchaseRow,
    check_customer,
    check_purchase,
    usual_headers,
)

ROWS_PER_CHUNK: Final = 500
RACES_BEFORE_ROW_BY_ROW: Final = 3

Take = Callable[[Work, Sequence[Checked], str], Awaitable[Outcome]]
Check = Callable[[Record, Sequence[str | None]], Checked | list[Fault]]

HEADERS: Final = {"customers": usual_headers(CustomerRow), "purchases": usual_headers(PurchaseRow)}
CHECKS: Final[dict[str, Check]] = {"customers": check_customer, "purchases": check_purchase}
TAKES: Final[dict[str, Take]] = {"customers": customers.take, "purchases": purchases.take}

_log = structlog.get_logger("profile.imports")


def names(kind: str, row: Checked) -> list[object]:
    """What may stand in a file once only: identifiers of customers, numbers of purchases."""
    return [row.data.external_id] if kind == "purchases" else [normal.key for normal in row.identifiers]


async def take_chunk(work: Work, kind: str, rows: Sequence[Checked], source: str, *, dry_run: bool) -> Outcome:
    """Take the rows; what cannot be stored is a fault of its row, never of the job."""
    for _ in range(RACES_BEFORE_ROW_BY_ROW):
        try:
            return await _in_savepoint(work, TAKES[kind], rows, source, dry_run=dry_run)
        except RaceLostError:
            continue
        except Exception as fault:
            if is_transient(fault):
                raise
            _log.warning("chunk.row_by_row", kind=kind, reason=type(fault).__name__)
            break
    return await _row_by_row(work, kind, rows, source, dry_run=dry_run)


async def _row_by_row(work: Work, kind: str, rows: Sequence[Checked], source: str, *, dry_run: bool) -> Outcome:
    whole = Outcome()
    for row in rows:
        try:
            one = await _in_savepoint(work, TAKES[kind], [row], source, dry_run=dry_run)
        except RaceLostError:
            whole.refuse(row, "row", "contended", "", "Somebody else was adding the same customer; import it again.")
        except Exception as fault:
            if is_transient(fault):
                raise
            _log.exception("row.refused", kind=kind, row=row.row)
            whole.refuse(row, "row", "not storable", "", "The database does not take this row; tell us its number.")
        else:
            whole.created += one.created
            whole.updated += one.updated
            whole.unchanged += one.unchanged
            whole.faults += one.faults
    return whole


async def _in_savepoint(work: Work, take: Take, rows: Sequence[Checked], source: str, *, dry_run: bool) -> Outcome:
    outcome = Outcome()
    if not rows:
        return outcome
    savepoint = work.connection.transaction()
    await savepoint.start()
    try:
        outcome = await take(work, rows, source)
    except BaseException:
        await savepoint.rollback()
        raise
    # A dry run does all the work and then lets go of it, so that it cannot promise what a real run refuses.
    await (savepoint.rollback() if dry_run else savepoint.commit())
    return outcome
