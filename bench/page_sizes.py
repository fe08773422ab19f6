"""desk.first_load_kb and widget.kb: what the browser fetches before anybody clicks, gzip 9, from the built page.

The desk's first load is index.html, every script and style that it names, and the heavier of the two languages.
"""

import gzip
import json
import re

from bench.rows import Figure
from careline_local import page

IDS = ("desk.first_load_kb", "widget.kb")
KILOBYTE = 1000


async def measure() -> list[Figure]:
    """Build the page if its sources have changed, and weigh it."""
    page.build()
    html = (page.DIST / "index.html").read_text()
    named = re.findall(r'(?:src|href)="/([^"]+\.(?:js|css))"', html)
    manifest = json.loads((page.DIST / ".vite" / "manifest.json").read_text())
    locales = [chunk["file"] for source, chunk in manifest.items() if "/locales/" in source]
    first_load = _weight("index.html") + sum(map(_weight, named)) + max(map(_weight, locales), default=0)
    return [
        Figure(IDS[0], first_load / KILOBYTE, note=f"{1 + len(named) + bool(locales)} files"),
        Figure(IDS[1], _weight("widget.js") / KILOBYTE),
    ]


def _weight(name: str) -> int:
    return len(gzip.compress((page.DIST / name).read_bytes(), 9))
