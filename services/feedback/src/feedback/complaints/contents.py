"""What care is told of a complaint for the messages that it sends about it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from careline.ids import encode
from feedback.complaints.links import WordLinks
from feedback.complaints.reading import number
from feedback.complaints.states import State
from feedback.contents.registry import Teller
from feedback.contents.schemas import Content
from feedback.context import Look, Row

# Whoever has said that it is solved is not asked again.
_TOLD: Final = """
SELECT c.*, k.time_zone FROM complaints c
JOIN calendars k ON k.key = c.calendar_key AND k.version = c.calendar_version
WHERE c.id = ANY($1) AND c.state <> 'closed'
"""


def teller(links: WordLinks) -> Teller:
    """Tells of complaints. An answer is told only while it is the newest and the customer's word is due."""

    async def tell(look: Look, ids: Sequence[UUID]) -> list[Content]:
        return [_content(row, links) for row in await look.rows(_TOLD, list(ids))]

    return tell


def _content(row: Row, links: WordLinks) -> Content:
    values = {
        "complaint_number": number(row),
        "acknowledge_by": _shown(row["acknowledge_by"], row["time_zone"]),
        "resolve_by": _shown(row["resolve_by"], row["time_zone"]),
    }
    if row["state"] == State.ANSWERED:
        values |= {"reply_text": row["reply_text"], "link": links.url(row["id"], row["reopened_count"])}
    return Content(reference=encode("cmp", row["id"]), values=values, script=None)


def _shown(moment: datetime, zone: str) -> str:
    return moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")
