"""What an agent's check says about identifiers: exactly the one that the customer came with."""

from uuid import UUID

from careline.ids import encode, new_id
from interaction_router.customers.client import Identifier, KnownIdentifier, Resolution
from interaction_router.interactions.receive import keep_identifier

from ..factories import Caller, Router, eventually


def claimed(identifier_id: UUID) -> Resolution:
    return Resolution(
        customer_id=new_id(),
        name="Li Wei",
        tier="gold",
        language="zh-CN",
        match="claimed",
        identifiers=[KnownIdentifier(id=identifier_id, type="email")],
    )


async def verified(router: Router, agent: Caller) -> tuple[str | None, str | None]:
    """Type and id that the event names after the agent's check."""
    path = f"/v1/interactions/{await agent.accept()}/verification"
    await agent.send("POST", path, {"method": "agent_check"})
    [data] = [data for kind, data in await router.events() if kind == "interaction.identity_verified"]
    return data["identifier_type"], data["identifier_id"]


async def test_the_event_names_the_identifier_that_was_checked(router: Router) -> None:
    await router.queue()
    agent = await router.agent()
    identifier_id = new_id()
    await router.arrive(resolution=claimed(identifier_id))
    assert await verified(router, agent) == ("email", encode("idf", identifier_id))
    assert await router.value("SELECT state FROM interaction_identifiers") == "verified"


async def test_the_profile_may_name_it_later(router: Router) -> None:
    await router.queue()
    agent = await router.agent()
    identifier_id = new_id()
    router.profile.answer = claimed(identifier_id)
    await router.arrive()

    async def filled_in() -> bool:
        return bool(await router.value("SELECT history = 'ready' FROM interactions"))

    await eventually(filled_in)
    assert await verified(router, agent) == ("email", encode("idf", identifier_id))


async def test_of_two_identifiers_none_is_named_and_none_is_marked(router: Router) -> None:
    await router.queue()
    agent = await router.agent()
    joined = await router.arrive(resolution=claimed(new_id()))
    async with router.units.begin() as unit:
        await keep_identifier(unit, joined.interaction_id, Identifier("phone", "+8613800138000", proven=False))
    assert await verified(router, agent) == (None, None)
    assert await router.value("SELECT bool_and(state = 'claimed') FROM interaction_identifiers")
