"""Colleagues who own complaints: acknowledge, find the cause, decide, reply, and close with the customer's word."""

import asyncio
from typing import Final

from careline_local.city import words
from careline_local.city.callers import AsyncPerson, Json, RefusedError
from careline_local.city.pace import Pace

COMPLAINTS: Final = "/api/feedback/v1/complaints"
OFFERS: Final = "/api/feedback/v1/handover-offers"
LOOK_SECONDS: Final = 4.0
HANDLED: Final = {"web", "low_score"}


async def own(person: AsyncPerson, pace: Pace) -> None:
    """Take one step on each complaint that is mine, again and again; leave alone what real agents recorded."""
    while True:
        for complaint in (await person.get(COMPLAINTS, view="mine", limit=50))["items"]:
            if complaint["source"] in HANDLED:
                await pace.a_while(2)
                await _step(person, await person.get(f"{COMPLAINTS}/{complaint['id']}"), pace)
        await asyncio.sleep(LOOK_SECONDS)


async def _step(person: AsyncPerson, complaint: Json, pace: Pace) -> None:
    path = f"{COMPLAINTS}/{complaint['id']}"
    language = "zh-CN" if person.person["locale"] == "zh-CN" else "en"
    try:
        if complaint["cause_code"] is None:
            await person.post(f"{path}/cause", {"code": pace.chance.choice(("communication", "supplier", "staffing"))})
        elif complaint["decision"] is None:
            await person.post(f"{path}/decision", {"decision": pace.chance.choice(("upheld", "partly"))})
        elif complaint["state"] != "answered":
            await person.post(f"{path}/reply", {"text": words.REPLIES[language]})
            pace.done["complaints answered"] += 1
        elif complaint["customer_word"] is not None:
            await person.post(f"{path}/closure")
            pace.done["complaints closed"] += 1
    except RefusedError:
        pace.done["refused"] += 1
