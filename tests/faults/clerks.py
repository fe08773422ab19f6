"""Two heads of departments: one hands a share of the complaints over, the other takes them."""

import asyncio
from typing import Any, Final

from tests.faults.callers import REQUEST_SECONDS, Callers, Identity
from tests.faults.clients import Client, Request
from tests.faults.history import History
from tests.faults.stand import Stand

SHARE: Final = 0.4
LOOKS: Final = 30
LOOK_SECONDS: Final = 1.0


class Clerks:
    """The giver answers for a complaint until the taker says yes."""

    def __init__(self, stand: Stand, callers: Callers, history: History, client: Client) -> None:
        """Share client and history with the others."""
        self._stand = stand
        self._callers = callers
        self._history = history
        self._client = client

    async def take_up(self, complaint_id: str, chance: float) -> None:
        """Hand a complaint over, if the chance says so."""
        if chance > SHARE:
            return
        giver, taker = self._callers.agents[0], self._callers.agents[1]
        body = {"to_department": self._callers.departments["purchasing"], "note": "Please order the part."}
        offer = self._history.begin("offer", complaint_id)
        await self._client.write(offer, self._request(giver, f"/complaints/{complaint_id}/handovers", body))
        offer_id = await self._open_offer(taker, complaint_id) if offer.outcome == "ok" else None
        if offer_id is None:
            return
        acceptance = self._history.begin("handover", complaint_id, taker.subject)
        await self._client.write(acceptance, self._request(taker, f"/handover-offers/{offer_id}/acceptance", {}))

    async def _open_offer(self, taker: Identity, complaint_id: str) -> str | None:
        """The offer as the taker sees it; None if she cannot look for so long that it stays open."""
        url = f"{self._stand.service('feedback').address}/v1/complaints/{complaint_id}"
        for _ in range(LOOKS):
            try:
                answer = await self._callers.wire.request("GET", url, headers=taker.headers, seconds=REQUEST_SECONDS)
            except OSError:
                answer = None
            if answer is not None and answer.ok:
                return next((each["id"] for each in answer.json()["offers"] if each["state"] == "open"), None)
            await asyncio.sleep(LOOK_SECONDS)
        return None

    def _request(self, who: Identity, path: str, body: dict[str, Any]) -> Request:
        url = f"{self._stand.service('feedback').address}/v1{path}"
        return Request("POST", lambda: url, lambda: who.headers, body, known_means_done=True)
