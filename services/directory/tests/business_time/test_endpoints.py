"""Business time: only forward, whoever moves it, and only where it may be moved."""

import asyncio
from datetime import datetime, timedelta

import asyncpg
import pytest

from directory.people.roles import Role

from ..conftest import Start
from ..factories import Directory, bearer, make_settings

PATH = "/v1/business-time"


class TestAdvance:
    async def test_moves_and_tells(self, directory: Directory) -> None:
        headers = await directory.admin()
        before = (await directory.client.get(PATH, headers=headers)).json()
        assert (before["offset_seconds"], before["movable"]) == (0, True)

        moved = await directory.client.post(f"{PATH}/advance", json={"seconds": 86_400}, headers=headers)

        assert moved.status_code == 200
        assert moved.json()["offset_seconds"] == 86_400
        after = datetime.fromisoformat((await directory.client.get(PATH, headers=headers)).json()["now"])
        assert after - datetime.fromisoformat(before["now"]) >= timedelta(days=1)
        told = ("business_time.advanced", 86_400, {"offset_seconds": 86_400, "advanced_by_seconds": 86_400})
        assert (await directory.events())[-1] == told
        assert directory.state["service"].business_clock.offset_seconds == 86_400

    async def test_to_a_moment(self, directory: Directory) -> None:
        headers = await directory.admin()
        wanted = directory.clock.now() + timedelta(days=20)
        moved = await directory.client.post(f"{PATH}/advance", json={"to": wanted.isoformat()}, headers=headers)
        assert abs(datetime.fromisoformat(moved.json()["now"]) - wanted) < timedelta(seconds=5)
        again = await directory.client.post(f"{PATH}/advance", json={"to": wanted.isoformat()}, headers=headers)
        assert again.status_code == 409
        assert again.json()["type"] == "urn:careline:problem:business-time-never-goes-back"

    async def test_parallel_steps_add_up_and_nobody_sees_it_go_back(self, directory: Directory) -> None:
        headers = await directory.admin()
        steps = [60 * n for n in range(1, 13)]
        answers = await asyncio.gather(
            *(directory.client.post(f"{PATH}/advance", json={"seconds": step}, headers=headers) for step in steps)
        )
        assert {answer.status_code for answer in answers} == {200}
        told = [event for event in await directory.events() if event[0] == "business_time.advanced"]
        offsets = [event[2]["offset_seconds"] for event in told]
        assert offsets == sorted(set(offsets))
        assert offsets[-1] == sum(steps)
        assert sorted(event[2]["advanced_by_seconds"] for event in told) == steps

    async def test_parallel_moves_to_moments_end_at_the_latest(self, directory: Directory) -> None:
        headers = await directory.admin()
        moments = [directory.clock.now() + timedelta(days=day) for day in (9, 3, 7, 1, 5)]
        answers = await asyncio.gather(
            *(
                directory.client.post(f"{PATH}/advance", json={"to": moment.isoformat()}, headers=headers)
                for moment in moments
            )
        )
        assert {answer.status_code for answer in answers} <= {200, 409}
        offset = (await directory.client.get(PATH, headers=headers)).json()["offset_seconds"]
        assert abs(offset - 9 * 86_400) < 10

    async def test_the_database_itself_refuses_to_go_back(self, directory: Directory) -> None:
        headers = await directory.admin()
        await directory.client.post(f"{PATH}/advance", json={"seconds": 100}, headers=headers)
        with pytest.raises(asyncpg.CheckViolationError):
            await directory.fetch("UPDATE business_time SET offset_seconds = 99")

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"seconds": 0},
            {"seconds": -5},
            {"seconds": 1, "to": "2027-01-01T00:00:00Z"},
            {"to": "2027-01-01T00:00:00"},
            {"to": "9999-01-01T00:00:00Z"},
            {"seconds": 10**9},
            {"days": 3},
        ],
    )
    async def test_what_is_refused(self, directory: Directory, body: dict[str, object]) -> None:
        answer = await directory.client.post(f"{PATH}/advance", json=body, headers=await directory.admin())
        assert answer.status_code == 422

    async def test_not_where_it_is_no_demo(self, database_url: str, start: Start) -> None:
        async with start(make_settings(database_url, business_time_movable=False)) as directory:
            headers = await directory.admin()
            answer = await directory.client.post(f"{PATH}/advance", json={"seconds": 5}, headers=headers)
            assert answer.status_code == 409
            assert (await directory.client.get(PATH, headers=headers)).json()["movable"] is False

    async def test_only_admins(self, directory: Directory) -> None:
        headers = bearer(await directory.token_of(await directory.add_person(roles=[Role.SUPERVISOR])))
        assert (await directory.client.get(PATH, headers=headers)).status_code == 200
        answer = await directory.client.post(f"{PATH}/advance", json={"seconds": 5}, headers=headers)
        assert answer.status_code == 403
