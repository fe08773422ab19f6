"""People leave: signed out at once, gone when every service has passed on what was theirs."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from careline.events import Event
from careline.ids import decode, encode, new_id
from directory import consumers
from directory.people.models import PersonRow
from directory.people.roles import Role

from ..factories import PASSWORD, Directory, bearer, person_id

SERVICES = ("profile", "router", "feedback")


def acknowledged(leaving: dict[str, Any], service: str, **moved: int) -> Event:
    """A service's word, as it comes from the topic."""
    data = {"leaving_id": leaving["id"], "person_id": leaving["person_id"], "service": service, "moved": moved}
    return Event(
        id=new_id(),
        type="leaving.acknowledged",
        aggregate_type="leaving",
        aggregate_id=leaving["id"],
        sequence=1,
        occurred_at=datetime(2026, 11, 22, tzinfo=UTC),
        data=data,
    )


async def hear(directory: Directory, *events: Event) -> None:
    """What the consumer does with events that are not in its inbox."""
    handlers = consumers.handlers(directory.state["service"])
    for event in events:
        async with directory.state["database"].write_raw() as connection:
            await handlers[event.type](connection, event)


async def deactivate(directory: Directory, person: PersonRow, successor: PersonRow, headers: Any) -> Any:
    path = f"/v1/people/{person_id(person)}/deactivation"
    return await directory.client.post(path, json={"successor_id": person_id(successor)}, headers=headers)


class TestBegin:
    async def test_sign_in_ends_at_once_and_the_services_are_told(self, directory: Directory) -> None:
        person, successor = await directory.add_person(), await directory.add_person()
        cookie = await directory.session_of(person)

        leaving = await directory.let_leave(person, successor, note="Knows the fridge case")

        assert leaving["state"] == "leaving"
        assert leaving["note"] == "Knows the fridge case"
        assert leaving["acknowledgements"] == []
        assert (await directory.client.get("/v1/session", headers=cookie)).status_code == 401
        assert (await directory.client.post("/v1/session/token", headers=cookie)).status_code == 401
        assert await directory.fetch("SELECT 1 FROM sessions WHERE person_id = $1", person.id) == []
        assert (await directory.sign_in(person.login)).status_code == 401
        headers = await directory.admin()
        shown = (await directory.client.get(f"/v1/people/{person_id(person)}", headers=headers)).json()
        assert (shown["state"], shown["active"]) == ("leaving", False)
        told = {"leaving_id": leaving["id"], "person_id": person_id(person), "successor_id": person_id(successor)}
        assert [event for event in await directory.events() if event[2].get("person_id") == person_id(person)][1:] == [
            ("person.leaving", 2, told)
        ]
        assert "fridge" not in str(await directory.fetch("SELECT payload::text FROM outbox"))

    async def test_departments_have_a_head_at_every_moment(self, directory: Directory) -> None:
        head, successor = await directory.add_person(), await directory.add_person()
        body = {"key": "purchasing", "name": {"zh-CN": "采购", "en": "Purchasing"}, "head_id": person_id(head)}
        await directory.client.post("/v1/departments", json=body, headers=await directory.admin())
        await directory.let_leave(head, successor)
        [row] = await directory.fetch("SELECT head_id FROM departments")
        assert row["head_id"] == successor.id
        assert (await directory.events())[-1][0] == "department.changed"

    async def test_once_more_changes_nothing(self, directory: Directory) -> None:
        person, successor, other = [await directory.add_person() for _ in range(3)]
        headers = await directory.admin()
        answers = await asyncio.gather(
            *(deactivate(directory, person, each, headers) for each in (successor, successor, other))
        )
        assert {answer.status_code for answer in answers} == {202}
        assert len({answer.json()["id"] for answer in answers}) == 1
        assert len([event for event in await directory.events() if event[0] == "person.leaving"]) == 1

    async def test_who_leaves_is_not_changed(self, directory: Directory) -> None:
        person = await directory.add_person()
        await directory.let_leave(person, await directory.add_person())
        path = f"/v1/people/{person_id(person)}"
        answer = await directory.client.patch(path, json={"password": PASSWORD}, headers=await directory.admin())
        assert answer.status_code == 409

    async def test_two_admins_cannot_remove_each_other(self, directory: Directory) -> None:
        first, second = [await directory.add_person(roles=[Role.ADMIN]) for _ in range(2)]
        headers = [bearer(await directory.token_of(admin)) for admin in (first, second)]
        answers = await asyncio.gather(
            deactivate(directory, second, first, headers[0]), deactivate(directory, first, second, headers[1])
        )
        assert sorted(answer.status_code for answer in answers) == [202, 409]

    async def test_two_cannot_succeed_each_other(self, directory: Directory) -> None:
        first, second = await directory.add_person(), await directory.add_person()
        headers = await directory.admin()
        answers = await asyncio.gather(
            deactivate(directory, first, second, headers), deactivate(directory, second, first, headers)
        )
        assert sorted(answer.status_code for answer in answers) == [202, 409]
        [refused] = [answer.json() for answer in answers if answer.status_code == 409]
        assert refused["type"] == "urn:careline:problem:successor-not-active"

    async def test_the_database_itself_wants_an_active_successor(self, directory: Directory) -> None:
        leaver, successor, third = [await directory.add_person() for _ in range(3)]
        await directory.let_leave(leaver, successor)
        with pytest.raises(asyncpg.CheckViolationError):
            await directory.fetch(
                "INSERT INTO leavings (id, person_id, successor_id, began_at) VALUES ($1, $2, $3, now())",
                new_id(),
                third.id,
                leaver.id,
            )

    @pytest.mark.parametrize("kind", ["none", "self", "nobody", "note"])
    async def test_what_is_refused(self, directory: Directory, kind: str) -> None:
        person = await directory.add_person()
        bodies: dict[str, Any] = {
            "none": {},
            "self": {"successor_id": person_id(person)},
            "nobody": {"successor_id": encode("per", new_id())},
            "note": {"successor_id": person_id(await directory.add_person()), "note": "a\u0000b"},
        }
        path = f"/v1/people/{person_id(person)}/deactivation"
        answer = await directory.client.post(path, json=bodies[kind], headers=await directory.admin())
        assert answer.status_code == 422

    async def test_nobody(self, directory: Directory) -> None:
        path = f"/v1/people/{encode('per', new_id())}/deactivation"
        body = {"successor_id": person_id(await directory.add_person())}
        assert (await directory.client.post(path, json=body, headers=await directory.admin())).status_code == 404


class TestAcknowledge:
    async def test_left_only_when_all_have_said_so(self, directory: Directory) -> None:
        person, successor = await directory.add_person(), await directory.add_person()
        leaving = await directory.let_leave(person, successor)
        headers = await directory.admin()
        path = f"/v1/leavings/{leaving['id']}"

        # The router is away: however often the others speak, nobody has left.
        words = [acknowledged(leaving, "profile", customers=3), acknowledged(leaving, "feedback", complaints=2)]
        await hear(directory, *words, *words)
        halfway = (await directory.client.get(path, headers=headers)).json()
        assert halfway["state"] == "leaving"
        assert {each["service"]: each["moved"] for each in halfway["acknowledgements"]} == {
            "profile": {"customers": 3},
            "feedback": {"complaints": 2},
        }
        assert "person.deactivated" not in [event[0] for event in await directory.events()]

        await hear(directory, acknowledged(leaving, "router", interactions=0), *words)
        done = (await directory.client.get(path, headers=headers)).json()
        assert (done["state"], len(done["acknowledgements"])) == ("left", 3)
        assert [event for event in await directory.events() if event[0] == "person.deactivated"] == [
            ("person.deactivated", 3, {"person_id": person_id(person)})
        ]
        shown = (await directory.client.get(f"/v1/people/{person_id(person)}", headers=headers)).json()
        assert shown["state"] == "left"
        assert (await deactivate(directory, person, successor, headers)).json() == done

    async def test_the_last_two_words_at_the_same_moment(self, directory: Directory) -> None:
        person = await directory.add_person()
        leaving = await directory.let_leave(person, await directory.add_person())
        await hear(directory, acknowledged(leaving, "feedback"))
        word = acknowledged(leaving, "profile")
        async with directory.state["database"].write_raw() as connection:
            await consumers.handlers(directory.state["service"])[word.type](connection, word)
            # The other cannot see this word, which is not committed yet: without waiting for it nobody ever leaves.
            other = asyncio.create_task(hear(directory, acknowledged(leaving, "router")))
            await asyncio.sleep(0.3)
        await other
        assert [event[0] for event in await directory.events()].count("person.deactivated") == 1

    async def test_the_database_itself_counts_the_words(self, directory: Directory) -> None:
        leaving = await directory.let_leave(await directory.add_person(), await directory.add_person())
        await hear(directory, acknowledged(leaving, "profile"), acknowledged(leaving, "feedback"))
        with pytest.raises(asyncpg.CheckViolationError):
            await directory.fetch("UPDATE leavings SET left_at = now() WHERE id = $1", decode("lve", leaving["id"]))

    async def test_a_successor_may_leave_meanwhile(self, directory: Directory) -> None:
        first, second, third = [await directory.add_person() for _ in range(3)]
        leavings = [await directory.let_leave(first, second), await directory.let_leave(second, third)]
        for leaving in leavings:
            await hear(directory, *(acknowledged(leaving, service) for service in SERVICES))
        page = (await directory.client.get("/v1/leavings", headers=await directory.admin())).json()
        assert [(each["person_id"], each["state"]) for each in page["items"]] == [
            (person_id(second), "left"),
            (person_id(first), "left"),
        ]

    async def test_unknown(self, directory: Directory) -> None:
        path = f"/v1/leavings/{encode('lve', new_id())}"
        assert (await directory.client.get(path, headers=await directory.admin())).status_code == 404
