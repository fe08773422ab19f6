"""`python -m careline_local.gateway --port 8080 --page DIST profile=customer-profile:18081 …`."""

import argparse
from pathlib import Path

import uvicorn

from careline_local.gateway.app import Gateway
from careline_local.gateway.server import configure
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
    gateway = Gateway(dict(map(_upstream, chosen.upstreams)), site)
    uvicorn.Server(configure(gateway, chosen.port)).run()


def _upstream(text: str) -> tuple[str, tuple[str, int]]:
    name, _, place = text.partition("=")
    service, _, port = place.partition(":")
    return name, (service, int(port))


main()
