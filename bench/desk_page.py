"""The whole system with one queue, and an agent's desk open in a real browser."""

from playwright.async_api import Page

from careline_local.demo.api import ClientCaller, PersonCaller
from careline_local.system.system import System
from tests.e2e.desk import Desk
from tests.e2e.mails import PostOffice
from tests.e2e.stack import DIRECTORY, ROUTER, Colleague, Stack
from tests.e2e.words import Words


def bench_stack(system: System, queue: str) -> Stack:
    """Whoever acts on the running system, with one queue and one disposition."""
    origin = system.addresses.public_url
    admin = PersonCaller(origin, "admin", system.vault.password("person admin"))
    wanted = {"name": "Shop", "scopes": ["interactions:write", "purchases:write"]}
    client = admin.post(f"{DIRECTORY}/clients", wanted)
    stack = Stack(
        system, PostOffice(system.greenmail), admin, ClientCaller(origin, client["id"], client["secret"]), 0.0, []
    )
    admin.put(f"{ROUTER}/dispositions/resolved", {"label": {"zh-CN": "已解决", "en": "Resolved"}, "active": True})
    stack.put_queue(queue, offer_timeout_seconds=60)
    return stack


async def open_desk(page: Page, stack: Stack, agent: Colleague, *, status: str | None = "available") -> Desk:
    """Sign the agent in, who has seen the first-run assistant before."""
    await page.add_init_script(f"localStorage.setItem('careline:first-run:{agent.id}', 'done')")
    desk = Desk(page, Words("en"), stack.origin)
    await desk.sign_in(agent)
    if status:
        await desk.choose_presence(status)
    return desk
