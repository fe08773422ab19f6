"""Two mails under one Message-ID: the same mail twice is one, another mail is another."""

from typing import Any

import pytest

from interaction_router.channels.mail.arrivals import Arrivals
from interaction_router.channels.mail.message import Parsed
from interaction_router.channels.mail.parse import parse
from interaction_router.interactions import messages

from ...deliveries.test_returns import nothing
from ...factories import Router
from .mails import plain
from .test_bounced import arrivals

__all__ = ["arrivals"]


async def test_another_mail_under_the_same_id_is_shown(router: Router, arrivals: Arrivals) -> None:
    await router.queue()
    agent = await router.agent()
    for text in ("The tap drips.", "It is flooding now!", "The tap drips.", "It is flooding now!"):
        await arrivals.take(plain(text), nothing)
    await arrivals.take(plain("Mine too", sender="other@customer.example"), nothing)
    interaction_id = await agent.accept()
    thread = (await agent.get(f"/v1/interactions/{interaction_id}/messages"))["items"]
    assert [each["text"].strip() for each in thread] == ["It is flooding now!", "The tap drips."]
    assert await router.value("SELECT count(*) FROM messages") == 3


async def test_two_at_the_same_moment_are_looked_at_again(
    router: Router, arrivals: Arrivals, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if each had looked before the other was there: the unique index alone finds the second."""
    await router.queue()
    await arrivals.take(plain("First"), nothing)
    find = messages.find_external
    blind = [True]

    async def too_early(connection: Any, channel: str, external_id: str) -> Any:
        return None if blind and blind.pop() else await find(connection, channel, external_id)

    monkeypatch.setattr(messages, "find_external", too_early)
    await arrivals.take(plain("Second", sender="other@customer.example"), nothing)
    assert await router.value("SELECT count(*) FROM messages") == 2


async def test_what_came_before_hashes_were_kept_is_taken_for_the_same(router: Router, arrivals: Arrivals) -> None:
    await router.queue()
    await arrivals.take(plain("First"), nothing)
    await router.fetch("UPDATE messages SET content_hash = NULL")
    await arrivals.take(plain("Other"), nothing)
    assert await router.value("SELECT count(*) FROM messages") == 1


def test_the_way_of_a_mail_is_no_part_of_its_content() -> None:
    def of(raw: bytes) -> bytes:
        mail = parse(raw)
        assert isinstance(mail, Parsed)
        return mail.content_hash

    mail = plain()
    assert of(b"Received: by mx2.shop.example\r\nX-Spam: no\r\n" + mail.replace(b"\n", b"\r\n")) == of(mail)
    assert len({of(mail), of(plain("Other")), of(plain(subject="Other")), of(plain(sender="x@y.example"))}) == 4
