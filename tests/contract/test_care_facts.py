"""What the profile says is what the scheduler plans by: the real profile on one side, the real mirror on the other."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from care_scheduler.customers.mirror import Mirror
from careline.clock import FixedClock
from careline.database import Database
from careline.ids import decode, new_id
from careline.testing.issuer import AUDIENCE, ISSUER, TestIssuer
from careline.testing.running import running
from careline.wakeups import Wakeup
from careline_local.testing.databases import ServiceDatabase
from customer_profile.app import create_app
from customer_profile.settings import Settings

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
SCOPES = ["profile:read", "profile:write", "purchases:write", "profile:care"]
DATED = """
SELECT customer_id, is_customer, birthday_calendar, birthday_month, birthday_day, birthday_leap, since_on::text,
    time_zone, time_zone_known, last_purchase_id IS NOT NULL AS bought, overdue_at > now() - interval '100 years' AS has
FROM care_customers
"""


@pytest.fixture
def profile_settings(service_database: Callable[[str], ServiceDatabase], tmp_path: Path) -> Settings:
    return Settings(
        port=1,
        database_url=service_database("customer_profile").url,
        kafka_bootstrap="127.0.0.1:1",
        token_issuer=ISSUER,
        token_audience=AUDIENCE,
        token_jwks_url="http://127.0.0.1:1/jwks",
        objects_url=f"file://{tmp_path}/objects",
    )


@pytest.fixture
async def profile(profile_settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the running profile that may do what is needed here."""
    issuer = TestIssuer()
    async with running(create_app(profile_settings, clock=FixedClock(NOW)), profile_settings, issuer) as client:
        client.headers.update(issuer.headers("per_01h2xcejqtf2nbrexx3vqjhp41", scopes=SCOPES))
        yield client


@pytest.fixture
async def care(
    service_database: Callable[[str], ServiceDatabase], profile_settings: Settings
) -> AsyncIterator[Database]:
    url = service_database("care_scheduler").url
    database = Database(profile_settings.model_copy(update={"database_url": url}), application_name="contract")
    yield database
    await database.close()


class Asking:
    """The service client of care, with the profile in the same loop."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def request(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        timeout_seconds: float | None = None,
    ) -> httpx.Response:
        """Send one request."""
        del timeout_seconds
        return await self._client.request(method, path, json=json)


async def register(profile: httpx.AsyncClient, **fields: Any) -> str:
    body = {"name": "张伟", "identifiers": [], **fields}
    answer = await profile.post("/v1/customers", json=body, headers={"Idempotency-Key": str(new_id())})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def test_the_mirror_understands_the_profile(profile: httpx.AsyncClient, care: Database) -> None:
    lunar = {"calendar": "lunar", "year": 1987, "month": 6, "day": 7, "leap_month": True}
    leap = await register(profile, birthday=lunar)
    lead = await register(profile, lifecycle="lead")
    await profile.put(
        f"/v1/customers/{lead}/preferences",
        json={"channel": None, "time_zone": "Europe/Paris", "quiet_from": "21:00", "quiet_to": "08:00"},
    )
    product = {"customer_id": leap, "name": "Kettle", "warranty_ends_on": "2026-12-25"}
    assert (await profile.post("/v1/products", json=product)).status_code == 201
    marked, changed = Wakeup(), Wakeup()
    mirror = Mirror(care, Asking(profile), FixedClock(NOW), "Asia/Shanghai", marked=marked, changed=changed)

    while await mirror.step():
        pass

    async with care.read_raw() as connection:
        rows = {row["customer_id"]: tuple(row)[1:] for row in await connection.fetch(DATED)}
        warranties = await connection.fetch("SELECT customer_id, ends_on::text FROM care_warranties")
    assert rows == {
        decode("cus", leap): (True, "lunar", 6, 7, True, "2026-11-22", "Asia/Shanghai", False, False, None),
        decode("cus", lead): (False, None, None, None, None, "2026-11-22", "Europe/Paris", True, False, None),
    }
    assert [tuple(row) for row in warranties] == [(decode("cus", leap), "2026-12-25")]
