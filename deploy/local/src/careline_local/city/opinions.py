"""Citizens who are asked: they open their mail, follow the link of a survey, and complain on the web page."""

import asyncio
import random
import re
from email.message import EmailMessage
from typing import Any, Final
from uuid import uuid4

from careline_local.city import words
from careline_local.city.callers import AsyncCaller, RefusedError
from careline_local.city.citizens import Citizen
from careline_local.city.contacts import received
from careline_local.city.pace import Pace

FEEDBACK: Final = "/api/feedback/v1"
SURVEY: Final = re.compile(r"/survey/#([\w.~-]+)")
WORD: Final = re.compile(r"(/api/feedback/v1/complaint-words/[\w.~-]+)")
READING_SECONDS: Final = 0.5
ANSWERS_SHARE: Final = 0.7
RECOMMENDS_SHARE: Final = 0.9
EFFORT_SHARE: Final = 0.8
WANTS_CONTACT_SHARE: Final = 0.2
# Where the survey asks further.
ASKED_WHY: Final = 2
ASKED_FOR_CONTACT: Final = 6


class Anybody(AsyncCaller):
    """Somebody without a token."""

    async def authorization(self) -> dict[str, str]:
        """None."""
        return {}


async def read_mail(citizens: list[Citizen], origin: str, imap_port: int, pace: Pace) -> None:
    """Go round the mailboxes; what asks for an opinion gets one, mostly."""
    anybody = Anybody(origin)
    while True:
        for citizen in pace.chance.sample(citizens, len(citizens)):
            for mail in await asyncio.to_thread(received, citizen, imap_port):
                pace.done["mails read"] += 1
                await react(anybody, citizen, _text(mail), pace)
            await asyncio.sleep(READING_SECONDS)


def _text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    return str(body.get_content()) if body is not None else ""


async def react(anybody: AsyncCaller, citizen: Citizen, text: str, pace: Pace) -> None:
    """Follow the link in a mail: answer the survey, mostly, or say that the complaint is solved."""
    survey, word = SURVEY.search(text), WORD.search(text)
    try:
        if survey and pace.chance.random() < ANSWERS_SHARE:
            path = f"{FEEDBACK}/invitations/by-token/{survey[1]}"
            await anybody.post(f"{path}/answers", {"answers": opinion(citizen, pace.chance)})
            pace.done["surveys answered"] += 1
        elif word:
            await anybody.send("POST", word[1], data={"solved": "yes"})
            pace.done["complaints settled"] += 1
    except RefusedError:
        pace.done["refused"] += 1


def opinion(citizen: Citizen, chance: random.Random) -> dict[str, Any]:
    """Answers to the follow-up survey: satisfied people recommend us, the others say why not; some skip the rest."""
    mood = min(1.0, max(0.0, chance.gauss(citizen.content, 0.15)))
    answers: dict[str, Any] = {"satisfaction": 1 + round(4 * mood)}
    if answers["satisfaction"] <= ASKED_WHY:
        answers["reason"] = chance.choice(("solution", "time", "manner"))
    if chance.random() < RECOMMENDS_SHARE:
        answers["recommend"] = round(10 * mood)
        if answers["recommend"] <= ASKED_FOR_CONTACT:
            answers["contact"] = "yes" if chance.random() < WANTS_CONTACT_SHARE else "no"
    if chance.random() < EFFORT_SHARE:
        answers["effort"] = 1 + round(6 * mood)
    return answers


async def complain(citizens: list[Citizen], origin: str, pace: Pace) -> None:
    """Now and then somebody uses the form on the web."""
    anybody = Anybody(origin)
    while True:
        citizen = pace.chance.choice(citizens)
        kind = pace.chance.choice(("product", "service", "delivery"))
        text = pace.chance.choice(words.COMPLAINTS[citizen.language])
        try:
            complaint = {"kind": kind, "contact": citizen.address, "text": text}
            await anybody.post(f"{FEEDBACK}/complaints/web", complaint, key=str(uuid4()))
            pace.done["complaints"] += 1
        except RefusedError:
            pace.done["refused"] += 1
        await pace.until_next(0.05)
