"""`make demo`: lets the city live against the running system until Ctrl-C, and says what happens."""

import argparse
import asyncio
import contextlib
import random
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final

import httpx

from careline_local import paths
from careline_local.city import contacts, opinions, owners
from careline_local.city.callers import AsyncPerson, AsyncProgram, RefusedError
from careline_local.city.citizens import settle
from careline_local.city.pace import Pace
from careline_local.city.staff import LOGINS, SKILLS, Agent
from careline_local.parts.base import PartError
from careline_local.system.addresses import Addresses
from careline_local.system.folders import Folders
from careline_local.system.vault import Vault

DIRECTORY: Final = "/api/directory/v1"
BUSINESS_TIME: Final = f"{DIRECTORY}/business-time"
STEP_SECONDS: Final = 2.0
REPORT_SECONDS: Final = 10.0
SECRETS: Final = "demo-city"
CITIZENS_SEED: Final = 1997
HEADS: Final = ("zhaolei", "gaoyuan", "wangfang")


def main(arguments: Sequence[str]) -> int:
    """Play until Ctrl-C, or for so many seconds."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--speed", type=float, default=120, help="hours of the business in a real hour (120)")
    parser.add_argument("--per-minute", type=float, default=12, help="people who make contact in a real minute (12)")
    parser.add_argument("--seconds", type=float, default=None, help="how long to play (until Ctrl-C)")
    parser.add_argument("--seed", type=int, default=19970101, help="of all chance (19970101)")
    wanted = parser.parse_args(arguments)
    if wanted.speed < 1 or wanted.per_minute <= 0:
        raise PartError("The city needs --speed of at least 1 and --per-minute above 0.")
    pace = Pace(wanted.speed, wanted.per_minute, random.Random(wanted.seed))  # noqa: S311 -- a game of chance
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_play_for(City(Folders(paths.STATE), Addresses.from_environment(), pace), wanted.seconds))
    print("The city sleeps. What happened stays.")
    return 0


async def _play_for(city: "City", seconds: float | None) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await city.live()


class City:
    """Everybody at once."""

    def __init__(self, folders: Folders, addresses: Addresses, pace: Pace) -> None:
        """Take the folder and the addresses of a system that runs."""
        self._addresses = addresses
        self._origin = addresses.public_url
        self._pace = pace
        # A vault of its own: the launcher keeps the other one in memory.
        self._vault = Vault(folders.secrets / SECRETS)
        self._house = Vault(folders.secrets)
        # The same purchase of the sample may be made again in the next run.
        self._run = f"city-{time.time():.0f}"

    async def live(self) -> None:
        """Sign everybody in, then let them live side by side until cancelled."""
        admin = await self._admin()
        agents = [await self._agent(admin, login, *about) for login, about in LOGINS.items()]
        citizens = await settle(admin, random.Random(CITIZENS_SEED))  # noqa: S311 -- the same people in every run
        partner = await self._partner(admin)
        heads = [head for head in await asyncio.gather(*map(self._head, HEADS)) if head is not None]
        ports = self._addresses
        print(f"The city lives: {len(agents)} agents, {len(citizens)} citizens who write. Ctrl-C ends it.", flush=True)
        lives: list[Callable[[], Awaitable[None]]] = [
            *(Agent(person, self._pace).work for person in agents),
            *(lambda head=head: owners.own(head, self._pace) for head in heads),
            *(lambda agent=agent: owners.own(agent, self._pace) for agent in agents),
            lambda: contacts.chat(citizens, self._origin, self._pace),
            lambda: contacts.write_mails(citizens, ports["smtp"], self._pace),
            lambda: contacts.buy(partner, lambda: _business_now(admin), self._run, self._pace),
            lambda: opinions.read_mail(citizens, self._origin, ports["imap"], self._pace),
            lambda: opinions.complain(citizens, self._origin, self._pace),
            lambda: self._let_time_pass(admin),
            self._report,
        ]
        async with asyncio.TaskGroup() as group:
            for life in lives:
                group.create_task(_go_on(life))

    async def _admin(self) -> AsyncPerson:
        try:
            return await AsyncPerson.sign_in(self._origin, "admin", self._house.password("person admin"))
        except (RefusedError, httpx.TransportError) as fault:
            raise PartError(
                f"The city found no Careline with demo data at {self._origin}: "
                "start it with `make run` in another terminal and leave it running."
            ) from fault

    async def _agent(self, admin: AsyncPerson, login: str, name: str, locale: str) -> AsyncPerson:
        password = self._vault.password(f"person {login}")
        person = {"login": login, "name": name, "roles": ["agent"], "locale": locale, "password": password}
        with contextlib.suppress(RefusedError):
            await admin.post(f"{DIRECTORY}/people", person)
        signed_in = await AsyncPerson.sign_in(self._origin, login, password)
        skills = {"skills": [{"skill": skill, "level": 3} for skill in SKILLS], "capacity": {"mail": 3, "chat": 2}}
        await admin.put(f"/api/router/v1/agents/{signed_in.person['id']}/skills", skills)
        return signed_in

    async def _head(self, login: str) -> AsyncPerson | None:
        try:
            return await AsyncPerson.sign_in(self._origin, login, self._house.password(f"person {login}"))
        except RefusedError:
            return None

    async def _partner(self, admin: AsyncPerson) -> AsyncProgram:
        client = await admin.post(f"{DIRECTORY}/clients", {"name": f"Demo {self._run}", "scopes": ["purchases:write"]})
        return AsyncProgram(self._origin, client["id"], client["secret"])

    async def _let_time_pass(self, admin: AsyncPerson) -> None:
        while self._pace.speed > 1:
            await asyncio.sleep(STEP_SECONDS)
            await admin.post(f"{BUSINESS_TIME}/advance", {"seconds": round((self._pace.speed - 1) * STEP_SECONDS)})

    async def _report(self) -> None:
        while True:
            await asyncio.sleep(REPORT_SECONDS)
            done = ", ".join(f"{count} {what}" for what, count in sorted(self._pace.done.items()))
            print(f"  {done}", flush=True)


async def _business_now(person: AsyncPerson) -> datetime:
    return datetime.fromisoformat((await person.get(BUSINESS_TIME))["now"])


async def _go_on(life: Callable[[], Awaitable[None]]) -> None:
    """One refusal or one broken line does not end a life, let alone the city."""
    while True:
        try:
            await life()
        except (RefusedError, httpx.HTTPError, OSError, ExceptionGroup) as fault:
            print(f"  {fault!r}", file=sys.stderr)
            await asyncio.sleep(2)
        else:
            return
