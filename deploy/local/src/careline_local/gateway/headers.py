"""Headers: what a proxy must not pass on, and what a browser is told about our pages."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

RawHeaders = list[tuple[bytes, bytes]]

# Between two neighbours only (RFC 9110, 7.6.1), and what clients might claim about where they come from.
_HOP_BY_HOP: Final = frozenset(
    {b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade"}
)
_CLAIMED: Final = frozenset({b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-real-ip"})


def for_upstream(headers: Iterable[tuple[bytes, bytes]], client: tuple[str, int] | None) -> RawHeaders:
    """The headers of a request, with the address of the client as this gateway sees it."""
    kept = [(name, value) for name, value in headers if name not in _HOP_BY_HOP and name not in _CLAIMED]
    if client is not None:
        kept.append((b"x-forwarded-for", client[0].encode()))
    kept.append((b"x-forwarded-proto", b"http"))
    return kept


def for_client(headers: Iterable[tuple[bytes, bytes]]) -> RawHeaders:
    """The headers of an answer; repeated ones stay apart."""
    return [(name.lower(), value) for name, value in headers if name.lower() not in _HOP_BY_HOP]


def _policy(directives: dict[str, str]) -> bytes:
    return "; ".join(f"{name} {value}".strip() for name, value in directives.items()).encode()


@dataclass(frozen=True)
class ContentPolicies:
    """Content-Security-Policy of the desk, of the sample shop, whose page a frame may show, and of public pages."""

    desk: bytes
    shop: bytes
    public: bytes


def content_policies(public_host: str) -> ContentPolicies:
    """The policies of an installation whose pages are at `public_host`."""
    desk = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data: blob:",
        "connect-src": f"'self' ws://{public_host} wss://{public_host}",
        "font-src": "'self'",
        "media-src": "'self' blob:",
        "worker-src": "'self'",
        "frame-src": "'self'",
        "manifest-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "object-src": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "vue default",
    }
    # What customers open by a link needs its own files and the services, and makes no markup out of text.
    public = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    return ContentPolicies(_policy(desk), _policy(desk | {"frame-ancestors": "'self'"}), _policy(public))


EVERYWHERE: Final[RawHeaders] = [
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(self), payment=(), usb=()"),
]
