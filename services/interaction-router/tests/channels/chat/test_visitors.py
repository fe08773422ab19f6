"""Who a visitor is, and which pages may ask."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from careline_local.testing.databases import ServiceDatabase
from interaction_router.settings import RouterSettings

from ...factories import Router, make_settings
from .visitor import Visitor, visit

SHOP = "https://shop.example"


@pytest.fixture
def settings(service_database: Callable[[str], ServiceDatabase], tmp_path: Path) -> RouterSettings:
    return make_settings(service_database("interaction_router").url, tmp_path, widget_origins=[SHOP])


async def test_the_database_holds_no_token(router: Router) -> None:
    visitor = await visit(router)
    secret = visitor.token.partition(".")[2]
    [row] = await router.fetch("SELECT v.*, v::text AS whole FROM visitors v WHERE id = $1", visitor.uuid)
    assert row["token_hash"] == hashlib.sha256(secret.encode()).digest()
    assert secret not in row["whole"]


@pytest.mark.parametrize(
    "wrong", ["", "vis_1", "vis_01h2xcejqtf2nbrexx3vqjhp41.abc", "vis_7zzzzzzzzzzzzzzzzzzzzzzzzz.x"]
)
async def test_a_wrong_token_is_nobody(router: Router, wrong: str) -> None:
    answer = await Visitor(router, "", wrong).send("GET", "/v1/chats/current")
    assert answer.status_code == 401
    assert answer.json()["type"].endswith("unknown-visitor")


async def test_a_visitor_of_half_a_year_ago_is_a_new_one(router: Router) -> None:
    visitor = await visit(router)
    router.clock.advance(days=181)
    assert (await visitor.send("GET", "/v1/chats/current")).status_code == 401


async def test_another_visitors_secret_does_not_open_my_chat(router: Router) -> None:
    me, other = await visit(router), await visit(router)
    mixed = Visitor(router, me.id, f"{me.id}.{other.token.partition('.')[2]}")
    assert (await mixed.send("GET", "/v1/chats/current")).status_code == 401


async def test_an_agents_token_is_no_visitors(router: Router) -> None:
    agent = await router.agent()
    assert (await router.client.get("/v1/chats/current", headers=agent.headers)).status_code == 401


async def test_whoever_makes_many_visitors_is_slowed_down(router: Router) -> None:
    answers = [await router.client.post("/v1/visitors") for _ in range(62)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert 1 <= len(refused) <= 2
    assert int(refused[0].headers["Retry-After"]) >= 1


async def test_only_named_pages_may_carry_the_widget(router: Router) -> None:
    ask = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,idempotency-key"}
    allowed = await router.client.options("/v1/chats", headers={"Origin": SHOP, **ask})
    assert allowed.headers["access-control-allow-origin"] == SHOP
    assert "access-control-allow-credentials" not in allowed.headers
    refused = await router.client.options("/v1/chats", headers={"Origin": "https://evil.example", **ask})
    assert "access-control-allow-origin" not in refused.headers
    desk = await router.client.options("/v1/desk/snapshot", headers={"Origin": SHOP, **ask})
    assert "access-control-allow-origin" not in desk.headers


async def test_a_refusal_too_can_be_read_by_the_page(router: Router) -> None:
    answer = await router.client.get("/v1/chats/current", headers={"Origin": SHOP, "Authorization": "Visitor x"})
    assert answer.status_code == 401
    assert answer.headers["access-control-allow-origin"] == SHOP
