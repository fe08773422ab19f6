"""How the gateway is served."""

import uvicorn

from careline_local.gateway.app import Gateway
from careline_local.parts.ports import LOOPBACK

MAX_FRAME_BYTES = 1024 * 1024


def configure(gateway: Gateway, port: int) -> uvicorn.Config:
    """Settings of the server; the services behind log the requests, so this one does not."""
    return uvicorn.Config(
        gateway,
        host=LOOPBACK,
        port=port,
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_max_size=MAX_FRAME_BYTES,
        access_log=False,
        log_level="warning",
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=3,
    )
