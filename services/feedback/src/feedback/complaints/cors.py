"""Which foreign pages may carry the complaint form. Only its endpoint answers them, and never with cookies."""

from typing import Final
from urllib.parse import urlsplit

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from feedback.settings import Settings

PATH: Final = "/v1/complaints/web"
PREFLIGHT_KEPT_SECONDS: Final = 600


def allowed_origins(settings: Settings) -> list[str]:
    """Our own page, and those that the setting names."""
    own = urlsplit(settings.public_url)
    return [f"{own.scheme}://{own.netloc}", *(origin.rstrip("/") for origin in settings.form_origins)]


class FormCors:
    """Answers for the path of the form as the browser's rules for other origins ask."""

    def __init__(self, app: ASGIApp, *, origins: list[str]) -> None:
        """`origins` are schemes with hosts, such as https://shop.example."""
        self._app = app
        self._for_form = CORSMiddleware(
            app,
            allow_origins=origins,
            allow_methods=["POST"],
            allow_headers=["Content-Type", "Idempotency-Key"],
            expose_headers=["Retry-After"],
            allow_credentials=False,
            max_age=PREFLIGHT_KEPT_SECONDS,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on one connection."""
        form = scope["type"] == "http" and scope["path"] == PATH
        await (self._for_form if form else self._app)(scope, receive, send)
