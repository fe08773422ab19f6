"""Step 2: an agent signs in, sees an empty inbox and becomes available."""

import json

import httpx
from joserfc import jwt
from joserfc.jwk import KeySet
from playwright.async_api import expect

from tests.e2e.conftest import OpenPage
from tests.e2e.desk import Desk
from tests.e2e.stack import DIRECTORY, ROUTER, Stack
from tests.e2e.words import Words


async def test_agent_signs_in_sees_an_empty_inbox_and_becomes_available(stack: Stack, open_page: OpenPage) -> None:
    agent = stack.hire("新来的", ["mail"], locale="zh-CN")
    page = await open_page(locale="zh-CN")
    words = Words("zh-CN")
    desk = Desk(page, words, stack.origin)
    await desk.sign_in(agent)

    # The first-run assistant asks about sound and the Enter key, once.
    assistant = page.get_by_role("dialog", name=words("first_run.title"))
    await assistant.get_by_role("button", name=words("first_run.skip")).click()
    await assistant.get_by_role("button", name=words("first_run.finish")).click()
    await expect(assistant).to_be_hidden()

    await expect(page.get_by_text(words("inbox.empty"))).to_be_visible()
    await expect(desk.rows).to_have_count(0)
    await desk.choose_presence("available")
    assert agent.desk()["agent"]["presence"]["status"] == "available"

    await page.reload()
    await desk.is_live()
    await desk.has_presence("available")
    await expect(assistant).to_be_hidden()


async def test_wrong_password_is_refused_with_words(stack: Stack, open_page: OpenPage) -> None:
    agent = stack.hire("Somebody")
    page = await open_page()
    words = Words("en")
    await page.goto(stack.origin)
    await page.get_by_label(words("session.login")).fill(agent.login)
    await page.get_by_label(words("session.password")).fill("not the password")
    await page.get_by_role("button", name=words("session.sign_in"), exact=True).click()
    await expect(page.get_by_role("alert")).to_have_text(words("session.refused"))


async def test_session_is_a_cookie_that_no_script_reads(stack: Stack, open_page: OpenPage) -> None:
    agent = stack.hire("Somebody")
    page = await open_page()
    desk = Desk(page, Words("en"), stack.origin)
    await desk.sign_in(agent)
    (cookie,) = await page.context.cookies(f"{stack.origin}/api/directory")
    assert cookie["name"] == "careline_session"
    assert cookie["httpOnly"]
    assert (cookie["sameSite"], cookie["path"]) == ("Strict", "/api/directory")
    assert "careline_session" not in await page.evaluate("document.cookie")
    stored = await page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "eyJ" not in stored, "no token is stored where a script of another page could find it"


def test_tokens_are_short_and_anybody_can_verify_them(stack: Stack) -> None:
    agent = stack.hire("Somebody")
    keys = KeySet.import_key_set(httpx.get(f"{stack.origin}/api/directory/.well-known/jwks.json").json())
    claims = jwt.decode(agent.api.token(), keys, algorithms=["EdDSA", "Ed25519"]).claims
    assert claims["sub"] == agent.id
    assert claims["exp"] - claims["iat"] <= 300
    assert "desk:use" in claims["scope"].split()


def test_a_signed_out_person_is_nobody(stack: Stack) -> None:
    agent = stack.hire("Somebody")
    with httpx.Client(base_url=stack.origin) as client:
        signed_in = client.post(f"{DIRECTORY}/session", json={"login": agent.login, "password": agent.password})
        assert signed_in.json()["id"] == agent.id
        assert client.get(f"{DIRECTORY}/session").status_code == 200
        client.delete(f"{DIRECTORY}/session")
        assert client.get(f"{DIRECTORY}/session").status_code == 401
        refused = client.post(f"{DIRECTORY}/session/token")
        assert refused.status_code == 401
        assert refused.headers["content-type"] == "application/problem+json"
        assert json.loads(client.get(f"{ROUTER}/desk/snapshot").text)["status"] == 401
