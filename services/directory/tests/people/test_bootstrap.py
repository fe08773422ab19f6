"""The first admin."""

import asyncio

from careline.outbox import Outbox
from directory.events import CATALOGUE
from directory.people import service
from directory.people.bootstrap import ensure_somebody
from directory.people.roles import Role
from directory.people.schemas import PersonInput

from ..conftest import Start
from ..factories import PASSWORD, PASSWORDS, Directory, make_settings


class TestFirstStart:
    async def test_an_admin_with_the_given_password(self, database_url: str, start: Start) -> None:
        async with start(make_settings(database_url, bootstrap_admin_password=PASSWORD)) as directory:
            async with asyncio.timeout(10):
                while not await directory.events():
                    await asyncio.sleep(0.02)

            answer = await directory.sign_in("admin")

        assert answer.json()["roles"] == [Role.ADMIN]

    async def test_nobody_without_a_password(self, directory: Directory) -> None:
        await asyncio.sleep(0.1)

        assert await directory.fetch("SELECT 1 FROM people") == []

    async def test_processes_that_start_at_once_make_one(self, directory: Directory) -> None:
        made = await asyncio.gather(*(_ensure(directory) for _ in range(3)))

        assert sorted(made) == [False, False, True]
        assert len(await directory.events()) == 1

    async def test_it_waits_for_a_registration_that_is_under_way(self, directory: Directory) -> None:
        other = PersonInput(login="other", name="Other", roles=frozenset({Role.ADMIN}), locale="en")
        async with directory.state["database"].write() as session:
            await service.register(session, Outbox(CATALOGUE), other, password_hash=None, now=directory.clock.now())
            ensuring = asyncio.create_task(_ensure(directory))
            done, _ = await asyncio.wait({ensuring}, timeout=0.5)
            assert not done

        assert not await ensuring


class TestLaterStart:
    async def test_nobody_is_added(self, directory: Directory) -> None:
        await directory.add_person()

        assert not await _ensure(directory)
        assert (await directory.sign_in("admin")).status_code == 401


async def _ensure(directory: Directory) -> bool:
    return await ensure_somebody(
        directory.state["database"], Outbox(CATALOGUE), PASSWORDS, directory.clock, password=PASSWORD
    )
