"""An inbox of two thousand rows, and a scroll through all of it by jumps of 2,500 pixels."""

import json
from typing import Any

from playwright.async_api import Page, Route

from careline.ids import encode, new_id
from tests.e2e.stack import ROUTER

ROWS = 2_000
JUMPS = 51

_SCROLL = """async (jumps) => {
  const list = document.querySelector('.inbox-pane .list')
  const frame = () => new Promise(requestAnimationFrame)
  const result = { nodes: 0, reached: 0 }
  for (let jump = 1; jump <= jumps; jump += 1) {
    list.scrollTop = jump * 2500
    await frame()
    await frame()
    result.nodes = Math.max(result.nodes, document.querySelectorAll('[data-interaction]').length)
  }
  const places = [...document.querySelectorAll('.inbox-pane [aria-posinset]')].map((row) => Number(row.ariaPosInSet))
  result.reached = Math.max(...places)
  return result
}"""


async def fill_inbox(page: Page) -> None:
    """The first picture of the desk with copies of its one row, in which all that is told apart is different."""

    async def answer(route: Route) -> None:
        response = await route.fetch()
        picture: Any = await response.json()
        (row,) = picture["interactions"]
        picture["interactions"] = [
            row
            | {
                "id": encode("int", new_id()),
                "subject": f"Matter {number}",
                "sort_key": f"{number:06}",
                "unread": number % 3,
                "customer": row["customer"] | {"name": f"Customer {number}"},
            }
            for number in range(ROWS)
        ]
        await route.fulfill(response=response, body=json.dumps(picture))

    await page.route(f"**{ROUTER}/desk/snapshot", answer)


async def scroll_through(page: Page) -> dict[str, int]:
    """`nodes`: the most rows that were in the document at once; `reached`: the place of the last one seen."""
    seen: dict[str, int] = await page.evaluate(_SCROLL, JUMPS)
    return seen
