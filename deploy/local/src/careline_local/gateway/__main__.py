"""`python -m careline_local.gateway --port 8080 --page DIST profile=customer-profile:18081 …`."""

import argparse
from pathlib import Path

import uvicorn

from careline_local.gateway.app import Gateway
from careline_local.gateway.site import Site
from careline_local.parts.ports import LOOPBACK


def main() -> None:
    """Serve until asked to stop."""
    parser = argparse.ArgumentParser(prog="python -m careline_local.gateway")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--page", type=Path, help="folder of the built page")
    parser.add_argument("upstreams", nargs="*", help="NAME=SERVICE:PORT")
    chosen = parser.parse_args()
    site = Site(chosen.page, public_host=f"{LOOPBACK}:{chosen.port}")
    uvicorn.run(
        Gateway(dict(map(_upstream, chosen.upstreams)), site),
        host=LOOPBACK,
        port=chosen.port,
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_max_size=1024 * 1024,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=3,
    )


def _upstream(text: str) -> tuple[str, tuple[str, int]]:
    name, _, place = text.partition("=")
    service, _, port = place.partition(":")
    return name, (service, int(port))


main()
