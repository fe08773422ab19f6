from datetime import UTC, datetime

from careline.events import Event
from careline.ids import encode, new_id
from interaction_router.consumers import handlers

from .factories import Router, eventually


async def hear(router: Router, kind: str, person_id: str, role: str = "agent") -> None:
    data = {"person_id": person_id} if kind == "person.deactivated" else {"person_id": person_id, "roles": [role]}
    event = Event(new_id(), kind, "person", person_id, 1, datetime.now(UTC), data)
    async with router.units.database.write_raw() as connection:
        await handlers(router.clock)[kind](connection, event)


async def test_a_new_colleague_can_be_prepared_before_she_comes(router: Router) -> None:
    person_id = encode("per", new_id())
    await hear(router, "person.registered", person_id)
    await hear(router, "person.registered", person_id)
    agents = (await router.supervisor().get("/v1/supervision/snapshot"))["agents"]
    assert [(each["id"], each["status"]) for each in agents] == [(person_id, "offline")]


async def test_who_never_takes_work_is_no_agent(router: Router) -> None:
    person_id = encode("per", new_id())
    await hear(router, "person.registered", person_id, "admin")
    assert not (await router.supervisor().get("/v1/supervision/snapshot"))["agents"]
    await hear(router, "person.roles_changed", person_id, "supervisor")
    assert (await router.supervisor().get("/v1/supervision/snapshot"))["agents"]


async def test_who_leaves_the_company_gives_her_work_back(router: Router) -> None:
    await router.queue()
    leaving = await router.agent(name="Leaving")
    await router.arrive("one@customer.example")
    interaction_id = await leaving.accept()
    await router.arrive("two@customer.example")
    await leaving.offer()
    await hear(router, "person.deactivated", leaving.subject)

    async def given_back() -> bool:
        return bool(await router.value("SELECT count(*) FROM interactions WHERE state = 'queued'") == 2)

    await eventually(given_back)
    other = await router.agent(name="Other")
    offered = set()
    for _ in range(2):
        offered.add(await other.accept())
    assert interaction_id in offered
    causes = {data["cause"] for kind, data in await router.events() if kind == "interaction.requeued"}
    assert causes == {"agent_deactivated"}
