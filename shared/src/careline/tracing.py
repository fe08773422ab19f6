"""One trace id from the first byte to the last effect: W3C Trace Context through HTTP and CloudEvents."""

import re
import secrets
from contextvars import ContextVar, Token

_TRACEPARENT = re.compile(r"^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")
_current: ContextVar[str | None] = ContextVar("traceparent", default=None)


def begin_trace(received: str | None) -> Token[str | None]:
    """Continue the received trace, or begin one; give the token to `end_trace`."""
    valid = received if received and _TRACEPARENT.match(received) else None
    trace_id = valid.split("-")[1] if valid else secrets.token_hex(16)
    return _current.set(f"00-{trace_id}-{secrets.token_hex(8)}-01")


def end_trace(token: Token[str | None]) -> None:
    """Leave the trace."""
    _current.reset(token)


def current_traceparent() -> str | None:
    """The `traceparent` to hand on, if there is a trace."""
    return _current.get()


def current_trace_id() -> str | None:
    """The 32 hexadecimal digits that name the trace in logs and problem documents."""
    traceparent = _current.get()
    return traceparent.split("-")[1] if traceparent else None
