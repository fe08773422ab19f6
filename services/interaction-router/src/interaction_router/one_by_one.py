"""Work on many rows, each in a unit of its own: a row that we fail on holds up none of the others."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from time import monotonic
from uuid import UUID

import asyncpg
import structlog
from prometheus_client import Counter

from careline.faults import is_transient
from interaction_router.unit import Unit, Units

BATCH = 100
# A row that failed is let alone for this long, or it would fill the log four times a second.
REST_SECONDS = 30.0

FAILED = Counter("router_rows_failed_total", "Rows that a job failed on and will try again later.", ["job"])
_log = structlog.get_logger("router.jobs")


@dataclass
class OneByOne:
    """One kind of periodic work on rows."""

    job: str
    work: Callable[[Unit, UUID], Awaitable[object]]
    _resting_until: dict[UUID, float] = field(default_factory=dict)

    @property
    def limit(self) -> int:
        """How many rows to ask for: those that rest take nobody's place."""
        return BATCH + len(self._resting_until)

    async def run(self, units: Units, rows: Iterable[UUID]) -> None:
        """Do the work on each row; only a database that is away ends the round."""
        now = monotonic()
        self._resting_until = {row: until for row, until in self._resting_until.items() if until > now}
        for row in rows:
            if row in self._resting_until:
                continue
            try:
                async with units.begin() as unit:
                    await self.work(unit, row)
            except Exception as fault:
                if is_transient(fault) and not isinstance(fault, asyncpg.PostgresError):
                    raise
                self._note(row, fault)

    def _note(self, row: UUID, fault: Exception) -> None:
        FAILED.labels(self.job).inc()
        if is_transient(fault):
            _log.warning("row.interrupted", job=self.job, row=str(row), reason=type(fault).__name__)
            return
        self._resting_until[row] = monotonic() + REST_SECONDS
        _log.error("row.failed", job=self.job, row=str(row), exc_info=fault)
