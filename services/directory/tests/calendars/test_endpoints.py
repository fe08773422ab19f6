"""Business calendars: versions that never change, with holidays as far as they are known."""

import asyncio
from datetime import date
from typing import Any

import asyncpg
import httpx
import pytest

from careline.outbox import Outbox
from directory.calendars import service
from directory.calendars.holidays import UnknownCountryError, known_holidays
from directory.events import CATALOGUE
from directory.people.roles import Role

from ..factories import Directory, bearer

OFFICE: dict[str, Any] = {
    "name": "中国办公室",
    "time_zone": "Asia/Shanghai",
    "country": "CN",
    "weekly": [{"weekday": day, "from": "09:00", "to": "18:00"} for day in range(1, 6)],
}


async def put(directory: Directory, key: str = "cn-office", **fields: Any) -> httpx.Response:
    headers = await directory.admin()
    return await directory.client.put(f"/v1/calendars/{key}", json={**OFFICE, **fields}, headers=headers)


class TestVersions:
    async def test_a_version_holds_the_country_and_is_told_whole(self, directory: Directory) -> None:
        made = (await put(directory)).json()

        assert made["version"] == 1
        assert made["weekly"] == OFFICE["weekly"]
        # Decreed: the Spring Festival of 2026, and the Saturday worked for it.
        assert {"2026-02-17", "2026-02-23", "2026-10-01"} <= set(made["closed_on"])
        assert {"2026-02-14", "2026-09-20"} <= set(made["open_on"])
        assert made["calendar_known"] is True
        told = [event for event in await directory.events() if event[0] == "calendar.changed"]
        kept = ("key", "version", "time_zone", "weekly", "closed_on", "open_on", "known_through")
        assert told == [("calendar.changed", 1, {name: made[name] for name in kept})]

    async def test_versions_count_and_the_old_ones_stay(self, directory: Directory) -> None:
        first = (await put(directory)).json()
        second = (await put(directory, closed_on=["2026-12-24"])).json()
        assert (second["version"], "2026-12-24" in second["closed_on"]) == (2, True)
        headers = await directory.admin()
        path = "/v1/calendars/cn-office"
        assert (await directory.client.get(path, headers=headers)).json() == second
        assert (await directory.client.get(f"{path}/versions/1", headers=headers)).json() == first
        assert (await directory.client.get("/v1/calendars", headers=headers)).json()["items"] == [second]

    async def test_the_same_again_is_the_same_version(self, directory: Directory) -> None:
        versions = [(await put(directory)).json()["version"] for _ in range(2)]
        assert versions == [1, 1]

    async def test_many_at_once_are_numbered_in_a_line(self, directory: Directory) -> None:
        headers, path = await directory.admin(), "/v1/calendars/cn-office"
        bodies = [{**OFFICE, "country": None, "name": f"Office {n}"} for n in range(8)]
        answers = await asyncio.gather(*(directory.client.put(path, json=body, headers=headers) for body in bodies))
        assert sorted(answer.json().get("version", 0) for answer in answers) == list(range(1, 9))

    @pytest.mark.parametrize("statement", ["UPDATE calendar_versions SET name = 'x'", "DELETE FROM calendar_versions"])
    async def test_nobody_changes_a_version(self, directory: Directory, statement: str) -> None:
        await put(directory)
        with pytest.raises(asyncpg.RestrictViolationError):
            await directory.fetch(statement)

    async def test_own_days_win(self, directory: Directory) -> None:
        made = (await put(directory, open_on=["2026-10-01"], closed_on=["2026-02-14"])).json()
        assert "2026-10-01" in made["open_on"]
        assert "2026-10-01" not in made["closed_on"]
        assert "2026-02-14" in made["closed_on"]
        assert "2026-02-14" not in made["open_on"]

    async def test_without_a_country_nothing_is_unknown(self, directory: Directory) -> None:
        made = (await put(directory, country=None)).json()
        assert (made["closed_on"], made["known_through"], made["calendar_known"]) == ([], None, True)

    async def test_beyond_what_is_known_it_says_so(self, directory: Directory) -> None:
        known = date.fromisoformat((await put(directory)).json()["known_through"])
        async with directory.state["database"].read() as session:
            kept = await service.get(session, "cn-office")
        assert service.shown(kept, known).calendar_known is True
        assert service.shown(kept, known.replace(year=known.year + 1, month=1, day=1)).calendar_known is False

    async def test_renewed_once_more_is_known(self, directory: Directory) -> None:
        await put(directory)
        async with directory.state["database"].write() as session:
            assert await service.renew(session, Outbox(CATALOGUE), today=date(2025, 6, 1), now=directory.clock.now())
        async with directory.state["database"].write() as session:
            again = await service.renew(session, Outbox(CATALOGUE), today=date(2025, 6, 1), now=directory.clock.now())
        assert again == []

    @pytest.mark.parametrize(
        "changed",
        [
            {"time_zone": "Mars/Olympus"},
            {"country": "XX"},
            {"country": "China"},
            {"weekly": []},
            {"weekly": [{"weekday": 8, "from": "09:00", "to": "18:00"}]},
            {"weekly": [{"weekday": 1, "from": "18:00", "to": "09:00"}]},
            {"weekly": [{"weekday": 1, "from": "9:00", "to": "18:00"}]},
            {
                "weekly": [
                    {"weekday": 1, "from": "09:00", "to": "12:00"},
                    {"weekday": 1, "from": "11:00", "to": "18:00"},
                ]
            },
            {"closed_on": ["2026-02-30"]},
            {"closed_on": ["2026-12-24"], "open_on": ["2026-12-24"]},
            {"version": 7},
        ],
    )
    async def test_what_is_refused(self, directory: Directory, changed: dict[str, Any]) -> None:
        assert (await put(directory, **changed)).status_code == 422

    async def test_unknown(self, directory: Directory) -> None:
        headers = await directory.admin()
        for path in ("nothing", "nothing/versions/1"):
            assert (await directory.client.get(f"/v1/calendars/{path}", headers=headers)).status_code == 404
        assert (await directory.client.get("/v1/calendars/cn/versions/0", headers=headers)).status_code == 422

    async def test_only_admins_write(self, directory: Directory) -> None:
        headers = bearer(await directory.token_of(await directory.add_person(roles=[Role.SUPERVISOR])))
        answer = await directory.client.put("/v1/calendars/cn-office", json=OFFICE, headers=headers)
        assert answer.status_code == 403


class TestKnownHolidays:
    def test_chinese_days_are_known_as_far_as_they_are_decreed(self) -> None:
        known = known_holidays("CN", date(2026, 11, 22))
        assert known.known_through == date(2026, 12, 31)
        # The State Council's make-up days, as the research page of this field lists them.
        made_up = {date(2025, 9, 28), date(2025, 10, 11), date(2026, 2, 14), date(2026, 9, 20)}
        assert made_up <= known.open_on
        assert not known.open_on & known.closed_on
        assert max(known.closed_on).year == 2026

    def test_english_days_follow_from_the_law(self) -> None:
        known = known_holidays("GB-ENG", date(2026, 11, 22))
        assert known.known_through == date(2029, 12, 31)
        assert {date(2026, 12, 28), date(2027, 3, 26), date(2027, 3, 29)} <= known.closed_on
        assert known.open_on == frozenset()

    @pytest.mark.parametrize("country", ["XX", "GB-XYZ"])
    def test_unknown_country(self, country: str) -> None:
        with pytest.raises(UnknownCountryError):
            known_holidays(country, date(2026, 11, 22))
