"""Agents' answers that come back: seen by an agent, whether the matter is open or closed."""

import pytest

from careline.ids import encode
from interaction_router.channels.mail.arrivals import Arrivals

from ...deliveries.test_returns import nothing, report
from ...factories import AGENT_SCOPES, Caller, Router
from .test_outgoing import ADDRESS, answered, close, settings

__all__ = ["settings"]


@pytest.fixture
def arrivals(router: Router) -> Arrivals:
    state = router.state
    return Arrivals(router.units, state["customers"], state["objects"], lambda _name, _timeout: None, ADDRESS, "mail")


async def sent(router: Router, state: str = "sent") -> tuple[str, str]:
    """An answer that has left; its interaction and its Message-ID."""
    interaction_id = await answered(router)
    await router.fetch("UPDATE messages SET delivery = $1, delivery_due_at = NULL WHERE kind = 'reply'", state)
    return interaction_id, await router.value("SELECT external_id FROM messages WHERE kind = 'reply'")


async def the_agent(router: Router) -> Caller:
    return router.caller(AGENT_SCOPES, subject=encode("per", await router.value("SELECT id FROM agents")))


@pytest.mark.parametrize("before", ["sending", "sent", "unknown"])
async def test_an_answer_that_came_back_is_seen_in_its_conversation(
    router: Router, arrivals: Arrivals, before: str
) -> None:
    interaction_id, message_id = await sent(router, before)
    agent = await the_agent(router)
    async with agent.line() as line:
        await line.until("ready")
        for _ in range(2):
            await arrivals.take(report(returned=message_id), nothing)
        assert (await line.until("message.added"))[-1]["data"]["delivery"] == "bounced"
    thread = (await agent.get(f"/v1/interactions/{interaction_id}/messages"))["items"]
    assert [each["text"] for each in thread] == ["reply.bounced", "We come.", "The tap drips."]
    assert thread[1]["delivery"] == "bounced"
    assert (await agent.snapshot())["interactions"][0]["unread"] == 1
    said = [data for kind, data in await router.events(interaction_id) if kind == "interaction.message_bounced"]
    assert [each["status"] for each in said] == ["5.1.1"]
    again = await agent.send("POST", f"/v1/interactions/{interaction_id}/messages/{thread[1]['id']}/resending")
    assert again["delivery"] == "queued"


async def test_what_comes_back_when_the_matter_is_closed_opens_it_anew(router: Router, arrivals: Arrivals) -> None:
    interaction_id, message_id = await sent(router)
    agent = await the_agent(router)
    await close(router, interaction_id)
    await agent.be("available")
    await arrivals.take(report(returned=message_id), nothing)
    offer = await agent.offer()
    assert offer["why"]["because"] == "last_agent"
    again = await agent.accept()
    assert (await agent.get(f"/v1/interactions/{again}"))["previous_interaction_id"] == interaction_id
    assert (await agent.get(f"/v1/interactions/{again}/messages"))["items"][0]["text"] == "reply.bounced"
    # A second one of the same customer joins it.
    await router.fetch("UPDATE messages SET delivery = 'sent' WHERE kind = 'reply'")
    await arrivals.take(report(returned=message_id, message_id="<dsn2@mx.example>"), nothing)
    assert await router.value("SELECT count(*) FROM interactions") == 2


async def test_a_report_of_delay_or_of_a_stranger_is_no_bounce(router: Router, arrivals: Arrivals) -> None:
    interaction_id, message_id = await sent(router)
    await arrivals.take(report(action="delayed", status="4.4.1", returned=message_id), nothing)
    await arrivals.take(report(returned="<other@shop.example>", message_id="<dsn2@mx.example>"), nothing)
    away = report(returned="<x@y>", message_id="<away@customer.example>").replace(
        b"report-type=delivery-status", b"report-type=disposition-notification"
    )
    away = away.replace(b"MIME-Version", b"In-Reply-To: " + message_id.encode() + b"\r\nMIME-Version", 1)
    await arrivals.take(away, nothing)
    assert await router.value("SELECT delivery FROM messages WHERE kind = 'reply'") == "sent"
    assert "interaction.message_bounced" not in [kind for kind, _ in await router.events(interaction_id)]
