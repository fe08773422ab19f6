"""Import jobs as they go out."""

from datetime import datetime
from typing import Literal

from customer_profile.ids import ImportId
from customer_profile.inputs import Output

Kind = Literal["customers", "purchases"]
JobState = Literal["queued", "running", "paused", "cancelled", "finished", "failed"]


class Job(Output):
    """An import and how far it is. Every row of the file ends in exactly one of the last four counts."""

    id: ImportId
    kind: Kind
    state: JobState
    dry_run: bool
    file_name: str | None
    encoding: str
    source: str
    rows_total: int
    rows_done: int
    rows_created: int
    rows_updated: int
    rows_unchanged: int
    rows_failed: int
    failure: str | None
    created_at: datetime
    finished_at: datetime | None
