"""screenpop.painted.p95_ms: from the commit of an interaction to the screen pop painted in a real Chromium.

The whole system runs with its gateway and the built page; one agent's desk is open. A partner brings matters of known
customers one after the other, each of whom has purchases. The first moment is PostgreSQL's commit timestamp of the
interaction's message; the second is the page's clock in the first task after the frame in which the offer shows what
is known of the customer. The agent accepts and closes each by HTTP before the next comes.
"""

import asyncio
import secrets
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
from playwright.async_api import Page

from bench.desk_page import bench_stack, open_desk
from bench.rows import Figure
from bench.statistics import percentile
from careline.ids import decode
from careline_local.chromium import install
from careline_local.system.system import System
from careline_local.testing.browser import launched
from careline_local.testing.system import running_system
from tests.e2e.stack import PROFILE, Stack

IDS = ("screenpop.painted.p95_ms",)
CUSTOMERS = 60
WARM = 5
PAINT_SECONDS = 10.0
LOOK_SECONDS = 0.05
QUEUE = "bench"

_WATCH = """
window.painted = {}
new MutationObserver(() => {
  for (const offer of document.querySelectorAll('[data-offer]')) {
    const id = offer.dataset.offer
    if (id in window.painted || !offer.querySelector('[data-part="glance"] p')) continue
    window.painted[id] = null
    requestAnimationFrame(() => {
      const after = new MessageChannel()
      after.port1.onmessage = () => { window.painted[id] = Date.now() }
      after.port2.postMessage(0)
    })
  }
}).observe(document, { subtree: true, childList: true })
"""
_OPENED = "SELECT interaction_id, pg_xact_commit_timestamp(xmin) FROM messages"


async def measure() -> list[Figure]:
    """One run over all customers."""
    with running_system(with_page=True, before_start=_keep_commit_times) as system:
        stack = bench_stack(system, QUEUE)
        mails = _customers(stack)
        painted = await _show(stack, mails)
        committed = await _committed(system)
        stack.admin.close()
        stack.partner.close()
    delays = [
        (at - committed[decode("int", interaction_id)]).total_seconds() * 1000
        for interaction_id, at in list(painted.items())[WARM:]
    ]
    note = f"{len(delays)} offers, median {percentile(delays, 0.5):.0f} ms, longest {max(delays):.0f} ms"
    return [Figure(IDS[0], percentile(delays, 0.95), note=note)]


def _keep_commit_times(system: System) -> None:
    system.postgresql.settings["track_commit_timestamp"] = "on"


def _customers(stack: Stack) -> list[str]:
    mails = [f"{secrets.token_hex(6)}@customers.example" for _ in range(CUSTOMERS)]
    for number, mail in enumerate(mails):
        identifier = {"type": "email", "value": mail, "verified": True}
        body = {"name": f"Customer {number}", "identifiers": [identifier]}
        customer = stack.admin.post(f"{PROFILE}/customers", body, key=mail)
        purchase = {
            "external_id": f"bench-{number}",
            "customer": {"id": customer["id"]},
            "purchased_at": "2026-10-01T10:00:00Z",
            "items": [{"name": "Kettle", "quantity": 1, "amount_minor": 25900}],
            "total_minor": 25900,
            "currency": "CNY",
        }
        stack.partner.post(f"{PROFILE}/purchases", purchase, key=f"bench-{number}")
    return mails


async def _show(stack: Stack, mails: list[str]) -> dict[str, datetime]:
    agent = stack.hire("Ann", [QUEUE])
    async with launched(install()) as browser:
        page = await browser.new_page(viewport={"width": 1440, "height": 900}, locale="en")
        await page.add_init_script(_WATCH)
        await open_desk(page, stack, agent)
        painted: dict[str, datetime] = {}
        for mail in mails:
            matter = await asyncio.to_thread(stack.open_matter, QUEUE, email=mail)
            painted[matter["id"]] = await _painted(page, len(painted) + 1)
            (offer,) = await asyncio.to_thread(agent.offers)
            await asyncio.to_thread(agent.close, await asyncio.to_thread(agent.accept, offer))
    return painted


async def _painted(page: Page, number: int) -> datetime:
    """When the newest of `number` offers was painted."""
    # The page's policy forbids eval, which Playwright's own waiting uses.
    async with asyncio.timeout(PAINT_SECONDS):
        while True:
            moments: list[float | None] = await page.evaluate("Object.values(window.painted)")
            if len(moments) == number and all(moments):
                return datetime.fromtimestamp(max(each or 0 for each in moments) / 1000, UTC)
            await asyncio.sleep(LOOK_SECONDS)


async def _committed(system: System) -> dict[UUID, datetime]:
    connection = await asyncpg.connect(f"{system.postgresql.address}/router", ssl=False)
    try:
        rows = await connection.fetch(_OPENED)
    finally:
        await connection.close()
    return {row[0]: row[1] for row in rows}
