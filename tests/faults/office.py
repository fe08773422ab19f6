"""What feedback and care are told before the load begins: promises, sampling and caps under which much happens soon."""

import asyncio
from typing import Any, Final

from tests.faults.callers import Callers
from tests.faults.databases import Databases
from tests.faults.stand import Stand
from tests.faults.wishes import KINDS

HOUR_SECONDS: Final = 3600
KNOWN_WITHIN_SECONDS: Final = 60.0
LOOK_SECONDS: Final = 0.1
ASKED_SHARE: Final = 0.4
# All four alarms of a complaint are due within seconds, so timers fire while things break.
PROMISED_SECONDS: Final = {
    "acknowledge_hours": 4,
    "resolve_hours": 4,
    "word_hours": HOUR_SECONDS,
    "handover_hours": 12,
    "warn_before_hours": 2,
    "escalate_after_hours": 1,
}


async def prepare_feedback(stand: Stand, callers: Callers, databases: Databases) -> None:
    """Two departments with heads, short promises, and a question after a share of all visits, at once."""
    async with asyncio.timeout(KNOWN_WITHIN_SECONDS):
        while not await databases.feedback_knows_people():
            await asyncio.sleep(LOOK_SECONDS)
    feedback = f"{stand.service('feedback').address}/v1"
    standards = await callers.http.get(f"{feedback}/standards", headers=callers.agents[0].headers)
    hours = {name: seconds / HOUR_SECONDS for name, seconds in PROMISED_SECONDS.items()}
    for each in standards.raise_for_status().json()["items"]:
        if each["tier"] is None and each["kind"] in KINDS:
            promise = {"kind": each["kind"], "replaces": each["id"], **hours}
            await _put(callers, f"{feedback}/standards", promise)
    policy: dict[str, Any] = {
        "pause_days": 0,
        "excluded_dispositions": [],
        "reasons": [{"reason": "visit", "survey": "follow_up", "wait_hours": 0, "within_hours": 72}],
        "rates": [{"channel": "*", "tier": "*", "rate": ASKED_SHARE}],
    }
    await _put(callers, f"{feedback}/sampling-policy", policy)


async def prepare_care(stand: Stand, callers: Callers) -> None:
    """No cap: the few customers of these tests are asked far more often than anybody should be."""
    await _put(callers, f"{stand.service('care-scheduler').address}/v1/caps", {"items": []})


async def _put(callers: Callers, url: str, body: dict[str, Any]) -> None:
    """Put it on top of what is there, where that has a version."""
    headers = dict(callers.admin.headers)
    if not url.endswith("/standards"):
        headers["If-Match"] = (await callers.http.get(url, headers=headers)).raise_for_status().headers["etag"]
    answer = await callers.http.put(url, json=body, headers=headers)
    if not answer.is_success:
        raise RuntimeError(f"PUT {url} answered {answer.status_code}: {answer.text}")
