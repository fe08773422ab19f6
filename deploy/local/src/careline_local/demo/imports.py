"""The real purchases through the public CSV import, with its progress on the terminal."""

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from careline_local.demo import cdnow
from careline_local.demo.api import Caller, Json
from careline_local.parts.base import PartError
from careline_local.system.vault import write_private

RECORD: Final = "demo-imports.json"
_IMPORTS: Final = "/api/profile/v1/imports"
_ASK_EVERY_SECONDS: Final = 0.25
_SAY_EVERY_SECONDS: Final = 3
_TIMEOUT_SECONDS: Final = 180
_ENDED: Final = frozenset({"finished", "failed", "cancelled"})


class Imports:
    """Uploads customers and purchases once; the ids of the jobs are kept beside the data."""

    def __init__(self, partner: Caller, data: Path, say: Callable[[str], None]) -> None:
        """`partner` may import; `data` is the folder that lives as long as the databases."""
        self._partner = partner
        self._path = data / RECORD
        self._jobs: dict[str, str] = json.loads(self._path.read_text()) if self._path.exists() else {}
        self._say = say

    def ensure(self) -> None:
        """Import what has not been imported; a job that was under way is waited for."""
        steps: Sequence[tuple[str, Callable[[list[cdnow.Purchase]], str]]] = (
            ("customers", cdnow.customers_csv),
            ("purchases", cdnow.purchases_csv),
        )
        for kind, as_csv in steps:
            if kind not in self._jobs:
                self._keep(kind, self._upload(kind, as_csv(cdnow.read())))
            self._wait(kind)

    def _upload(self, kind: str, text: str) -> str:
        job = self._partner.send(
            "POST",
            _IMPORTS,
            data={"kind": kind, "source": cdnow.SOURCE},
            files={"file": (f"{cdnow.SOURCE}-{kind}.csv", text.encode(), "text/csv")},
            headers={"Idempotency-Key": f"demo-{kind}-{time.time_ns()}"},
        )
        return str(job["id"])

    def _keep(self, kind: str, job_id: str) -> None:
        self._jobs[kind] = job_id
        write_private(self._path, json.dumps(self._jobs, indent=1))

    def _wait(self, kind: str) -> None:
        started = said = time.monotonic()
        while True:
            job = self._partner.get(f"{_IMPORTS}/{self._jobs[kind]}")
            now = time.monotonic()
            if job["state"] in _ENDED:
                break
            if now - started > _TIMEOUT_SECONDS:
                raise PartError(f"The import of {kind} has not ended after {_TIMEOUT_SECONDS} s; it stands at {job}.")
            if now - said > _SAY_EVERY_SECONDS:
                said = now
                self._say(f"    {kind}: {job['rows_done']:,} of {job['rows_total']:,}")
            time.sleep(_ASK_EVERY_SECONDS)
        self._check(kind, job, now - started)

    def _check(self, kind: str, job: Json, seconds: float) -> None:
        if job["state"] != "finished" or job["rows_failed"]:
            raise PartError(
                f"The import of {kind} is {job['state']} with {job['rows_failed']} bad rows; "
                f"they are listed at {_IMPORTS}/{job['id']}/errors."
            )
        if seconds > _ASK_EVERY_SECONDS:
            self._say(f"    {kind}: {job['rows_done']:,} of {job['rows_total']:,} ({seconds:.1f} s)")
