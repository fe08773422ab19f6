"""Cookies come along by themselves, so what a cookie allows must be asked for by our own page.

SameSite=Strict is the first guard; this is the second, and it also covers pages on the same site. Browsers set both
headers and no script can change them. A program that sends neither has no cookie that somebody else could misuse.
"""

from urllib.parse import urlsplit

from fastapi import Depends, Request

from careline.problems import Forbidden
from directory.resources import settings_of

_OUR_SITES = frozenset({"same-origin", "none"})
_DEFAULT_PORTS = {"http": 80, "https": 443}


class ForeignOrigin(Forbidden):
    """The request was made by a page that is not ours."""

    type_name = "foreign-origin"
    title = "The request comes from a foreign page"


async def refuse_foreign_origin(request: Request) -> None:
    """Raise ForeignOrigin unless our page or no page at all made the request."""
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in _OUR_SITES:
        raise ForeignOrigin("A browser says that another page made this request.")
    origin = request.headers.get("origin")
    public_url = settings_of(request).public_url
    if origin is not None and _origin_of(origin) != _origin_of(public_url):
        raise ForeignOrigin(f"Open the page at {public_url}.")


def _origin_of(url: str) -> tuple[str, str | None, int | None] | None:
    """Scheme, host and port; None for what is no origin, `null` among it."""
    try:
        parts = urlsplit(url)
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None
    return (parts.scheme, parts.hostname, port) if parts.scheme and parts.hostname else None


OwnOrigin = Depends(refuse_foreign_origin)
