"""Links: signed, random, in no event and no log; unknown and forged look the same; guessing is slowed down."""

import base64
import secrets
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from careline.clock import FixedClock
from careline.database import Database
from feedback.invitations.tokens import Links, new_nonce

from ..conftest import NOW
from ..neighbours import Neighbours
from .factories import CONTENT, UNHURRIED, ask_everybody, caller, link_of, links_of, some_invitation

LINKS = Links("a key that is long enough for a signature", "https://care.example/")


def forged() -> str:
    """A token of the right shape whose signature nobody made."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")


class TestToken:
    def test_is_read_back(self) -> None:
        nonce = new_nonce()

        assert LINKS.nonce(LINKS.token(nonce)) == nonce
        assert LINKS.url(nonce) == f"https://care.example/survey/#{LINKS.token(nonce)}"

    def test_of_another_key(self) -> None:
        assert (
            Links("another key that is long enough, too", "https://care.example").nonce(LINKS.token(new_nonce()))
            is None
        )

    @UNHURRIED
    @given(st.integers(0, 31), st.integers(1, 255))
    def test_every_byte_counts(self, place: int, change: int) -> None:
        raw = bytearray(base64.urlsafe_b64decode(LINKS.token(new_nonce()) + "="))
        raw[place] ^= change
        assert LINKS.nonce(base64.urlsafe_b64encode(raw).decode().rstrip("=")) is None

    @UNHURRIED
    @given(st.text(max_size=60))
    def test_nonsense(self, text: str) -> None:
        assert LINKS.nonce(text) is None


class TestStrangers:
    async def test_unknown_and_forged_look_the_same(self, client: httpx.AsyncClient) -> None:
        stranger = caller(client)
        tokens = {"forged": forged(), "signed but unknown": links_of(client).token(new_nonce()), "nonsense": "x"}

        shown = {kind: await stranger.get(f"/v1/invitations/by-token/{token}") for kind, token in tokens.items()}
        sent = {
            kind: await stranger.post(f"/v1/invitations/by-token/{token}/answers", json={"answers": CONTENT})
            for kind, token in tokens.items()
        }

        bodies = []
        for answer in [*shown.values(), *sent.values()]:
            assert answer.status_code == 404
            bodies.append({name: value for name, value in answer.json().items() if name != "trace_id"})
        assert all(body == bodies[0] for body in bodies)
        assert not any(token in str(bodies) for token in tokens.values() if len(token) > 1)

    async def test_guessing_is_slowed_down(self, client: httpx.AsyncClient, clock: FixedClock) -> None:
        stranger = caller(client, "203.0.113.66")
        statuses = [(await stranger.get(f"/v1/invitations/by-token/{forged()}")).status_code for _ in range(25)]

        assert statuses == [404] * 20 + [429] * 5
        refused = await stranger.get(f"/v1/invitations/by-token/{forged()}")
        assert int(refused.headers["Retry-After"]) >= 10
        assert (await caller(client, "203.0.113.67").get(f"/v1/invitations/by-token/{forged()}")).status_code == 404
        clock.advance(60)
        assert (await stranger.get(f"/v1/invitations/by-token/{forged()}")).status_code == 404

    async def test_one_address_cannot_flood(self, client: httpx.AsyncClient, neighbours: Neighbours) -> None:
        await ask_everybody(client)
        link = await link_of(client, await some_invitation(client, neighbours, at=NOW))
        page = caller(client, "203.0.113.68")

        statuses = [(await page.get(link)).status_code for _ in range(125)]

        assert statuses == [200] * 120 + [429] * 5


@pytest.fixture
def _logs_as_in_production() -> Iterator[None]:
    """One JSON line an event; the console of development shows local variables."""
    before = structlog.get_config()
    structlog.configure(processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer()])
    yield
    structlog.configure(**before)


class TestSecrecy:
    @pytest.mark.usefixtures("_logs_as_in_production")
    async def test_the_token_is_in_no_event_and_no_log(
        self,
        client: httpx.AsyncClient,
        neighbours: Neighbours,
        database: Database,
        capsys: pytest.CaptureFixture[str],
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        await ask_everybody(client)
        invitation = await some_invitation(client, neighbours, at=NOW)
        link = await link_of(client, invitation)
        token = link.rpartition("/")[2]
        customer = caller(client)
        await customer.get(link)
        await customer.post(f"{link}/answers", json={"answers": {"satisfaction": 9}})
        await customer.post(f"{link}/answers", json={"answers": CONTENT})
        await customer.post(f"{link}/answers", json={"answers": CONTENT})
        async with database.write_raw() as connection:
            await connection.execute("ALTER TABLE public_rates RENAME TO away")
        try:
            broken = await customer.get(link)
        finally:
            async with database.write_raw() as connection:
                await connection.execute("ALTER TABLE away RENAME TO public_rates")
        assert broken.status_code == 500

        written = capsys.readouterr().out + caplog.text
        assert "request.failed" in written
        assert token not in written
        assert token not in broken.text
        rows = await everything(database)
        assert token not in rows
        # Half of it is kept to find the invitation by; without the key that is no token.
        assert links_of(client).nonce(token) is not None

    async def test_the_page_names_nobody(self, client: httpx.AsyncClient, neighbours: Neighbours) -> None:
        await ask_everybody(client)
        invitation = await some_invitation(client, neighbours, at=NOW, language="zh-CN")
        shown = (await caller(client).get(await link_of(client, invitation))).text

        assert neighbours.customers[invitation["customer_id"]]["name"] not in shown
        for name in ("id", "customer_id", "interaction_id", "sample_id"):
            assert invitation[name] not in shown


async def everything(database: Database) -> str:
    """All that the database holds, as text."""
    async with database.read_raw() as connection:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        found: list[Any] = []
        for row in tables:
            found += await connection.fetch(f'SELECT t::text FROM public."{row["tablename"]}" t')  # noqa: S608 -- names of our own
    return str(found)
