"""Parts what care still wants sent from what it does not."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import structlog

from interaction_router.deliveries.contents import Content
from interaction_router.deliveries.office import Office
from interaction_router.deliveries.repository import Ending
from interaction_router.interactions.rows import Row

# Care does not answer: ask again soon. Care does not know an item: it will hardly learn of it.
AWAY_SECONDS = 5
MISSING_SECONDS = 900

Ready = TypeVar("Ready")
Prepare = Callable[[Row, Content], Ready | Ending]

_log = structlog.get_logger("router.deliveries")


async def judge(office: Office, claimed: Sequence[Row], prepare: "Prepare[Ready]") -> list[Ready] | None:
    """Ask care about claimed deliveries; what `prepare` made of those that may go, or None if care is away."""
    found = await office.contents.of([row["care_id"] for row in claimed])
    if found is None:
        await office.postpone(claimed, AWAY_SECONDS)
        return None
    ready: list[Ready] = []
    endings: list[Ending] = []
    missing: list[Row] = []
    now = office.units.business_clock.now()
    for row in claimed:
        content = found.get(row["care_id"])
        if (content.not_after if content else row["not_after"]) < now:
            endings.append(Ending(row["id"], row["claim"], "cancelled", "expired"))
        elif content is None:
            missing.append(row)
        elif content.verdict == "cancelled":
            endings.append(Ending(row["id"], row["claim"], "cancelled", content.gate or "unnamed"))
        else:
            made = prepare(row, content)
            (endings if isinstance(made, Ending) else ready).append(made)  # type: ignore[arg-type]
    if missing:
        _log.warning("contents.missing", count=len(missing))
        await office.postpone(missing, MISSING_SECONDS)
    await office.end(endings)
    return ready
