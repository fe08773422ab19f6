"""Mails that opened nothing are seen by supervisors, who may let them in."""

import asyncio
from pathlib import Path

import pytest

from interaction_router.channels.mail import ignored
from interaction_router.channels.mail.arrivals import Arrivals

from ...deliveries.test_returns import nothing
from ...factories import AGENT_SCOPES, Router
from .mails import plain
from .test_bounced import arrivals

__all__ = ["arrivals"]
LIST = "/v1/ignored-mails"


@pytest.fixture(autouse=True)
def channel(router: Router, arrivals: Arrivals) -> None:
    """As if there were a mailbox."""
    router.state["arrivals"] = arrivals


async def ignore(arrivals: Arrivals, *subjects: str, precedence: str = "bulk") -> None:
    for number, subject in enumerate(subjects):
        mail = plain(subject=subject, message_id=f"<{subject}{number}@customer.example>", Precedence=precedence)
        await arrivals.take(mail, nothing)


async def test_a_persons_mail_that_was_ignored_is_let_in_once(router: Router, arrivals: Arrivals) -> None:
    await router.queue()
    await router.queue("law", name="Law", channels=[])
    agent = await router.agent()
    await ignore(arrivals, "Tap")
    assert await router.value("SELECT count(*) FROM interactions") == 0
    boss = router.supervisor()
    (shown,) = (await boss.get(LIST))["items"]
    assert (shown["subject"], shown["kind"], shown["sender"]) == ("Tap", "bulk", "li.wei@customer.example")
    assert (shown["kept"], shown["released_at"]) == (True, None)
    raw = await router.client.get(f"{LIST}/{shown['id']}/raw", headers=boss.headers)
    assert b"The tap drips." in raw.content
    assert raw.headers["content-disposition"].startswith("attachment")
    path = f"{LIST}/{shown['id']}/release"
    assert (await boss.send("POST", path, {"queue": "nowhere"}, status=422))["errors"][0]["field"] == "queue"
    answers = await asyncio.gather(
        *(router.client.post(path, json={"queue": "law"}, headers=boss.headers) for _ in "ab")
    )
    assert sorted(each.status_code for each in answers) == [200, 409]
    offer = await agent.offer()
    assert (offer["interaction"]["subject"], offer["interaction"]["queue"]["name"]) == ("Tap", "Law")
    assert (await boss.get(LIST))["items"][0]["released_at"] is not None
    assert await router.value("SELECT count(*) FROM messages") == 1
    assert await router.value("SELECT released_by FROM ignored_mails") == boss.subject


async def test_a_long_list_comes_in_pages(router: Router, arrivals: Arrivals) -> None:
    await ignore(arrivals, *(f"s{n}" for n in range(51)))
    await ignore(arrivals, "absent", precedence="auto_reply")
    boss = router.supervisor()
    first = await boss.get(LIST)
    second = await boss.get(LIST, params={"before": first["next"]})
    subjects = [each["subject"] for each in first["items"] + second["items"]]
    assert subjects == ["absent", *(f"s{n}" for n in reversed(range(51)))]
    assert second["next"] is None
    assert (await boss.get(LIST, params={"kind": "bounce"}))["items"] == []
    for cursor in ("x", "WzEsMl0", "WyJ4IiwieSJd"):
        await boss.send("GET", f"{LIST}?before={cursor}", status=422)


async def test_only_supervisors_see_them_and_only_for_a_while(
    router: Router, arrivals: Arrivals, tmp_path: Path
) -> None:
    await ignore(arrivals, "Tap")
    await ignore(arrivals, "Tap")
    boss, agent = router.supervisor(), router.caller(AGENT_SCOPES)
    (shown,) = (await boss.get(LIST))["items"]
    for method, path in (
        ("GET", LIST),
        ("GET", f"{LIST}/{shown['id']}/raw"),
        ("POST", f"{LIST}/{shown['id']}/release"),
    ):
        await agent.send(method, path, {} if method == "POST" else None, status=403)
    assert len(list((tmp_path / "ignored").iterdir())) == 1
    await ignored.prune(router.units, arrivals.objects)
    assert len((await boss.get(LIST))["items"]) == 1
    router.clock.advance(days=31)
    await ignored.prune(router.units, arrivals.objects)
    assert (await boss.get(LIST))["items"] == []
    assert list((tmp_path / "ignored").iterdir()) == []
    await boss.send("GET", f"{LIST}/{shown['id']}/raw", status=404)
