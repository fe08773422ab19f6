"""Which foreign pages may carry the widget. Only the visitors' endpoints answer them, and never with cookies."""

from typing import Final
from urllib.parse import urlsplit

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from interaction_router.settings import RouterSettings

PREFIXES: Final = ("/v1/visitors", "/v1/chats")
PREFLIGHT_KEPT_SECONDS: Final = 600


def allowed_origins(settings: RouterSettings) -> list[str]:
    """Our own page, and those that the setting names."""
    own = urlsplit(settings.public_url)
    return [f"{own.scheme}://{own.netloc}", *(origin.rstrip("/") for origin in settings.widget_origins)]


class WidgetCors:
    """Answers for the paths of the widget as the browser's rules for other origins ask."""

    def __init__(self, app: ASGIApp, *, origins: list[str]) -> None:
        """`origins` are schemes with hosts, such as https://shop.example."""
        self._app = app
        self._for_widget = CORSMiddleware(
            app,
            allow_origins=origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key"],
            expose_headers=["Retry-After"],
            allow_credentials=False,
            max_age=PREFLIGHT_KEPT_SECONDS,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on one connection."""
        widget = scope["type"] == "http" and scope["path"].startswith(PREFIXES)
        await (self._for_widget if widget else self._app)(scope, receive, send)
