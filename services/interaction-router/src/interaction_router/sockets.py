"""What the lines to desks, supervisors and visitors have in common: who is there, for how long, and how they end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import time

from pydantic import ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect

from careline.auth import InvalidTokenError, Principal, TokenVerifier
from interaction_router.desk.schemas import Authenticate

AUTHENTICATE_SECONDS = 10.0
SEND_SECONDS = 10.0
HEARTBEAT_SECONDS = 15.0

POLICY = 1008
RESTART = 1012
TOKEN_OVER = 4401
TOO_SLOW = 4408


class LineClosedError(Exception):
    """The line must end; the code says why."""

    def __init__(self, code: int, reason: str) -> None:
        """Give the close code and its reason."""
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Line:
    """One accepted WebSocket."""

    def __init__(self, socket: WebSocket) -> None:
        """Wrap the socket."""
        self.socket = socket
        self.expires_at = 0.0

    async def send(self, text: str) -> None:
        """Send, or end the line of a reader who does not keep up."""
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self.socket.send_text(text)
        except TimeoutError:
            raise LineClosedError(TOO_SLOW, "too slow") from None

    async def frame(self) -> Authenticate:
        """The next frame of the client."""
        text = await self.socket.receive_text()
        try:
            return Authenticate.model_validate_json(text)
        except ValidationError:
            raise LineClosedError(POLICY, "not a frame of this protocol") from None

    async def authenticate(self, verifier: TokenVerifier, scope: str) -> tuple[Principal, int | None]:
        """The first frame says who is there."""
        try:
            async with asyncio.timeout(AUTHENTICATE_SECONDS):
                frame = await self.frame()
        except TimeoutError:
            raise LineClosedError(TOKEN_OVER, "nobody said who is there") from None
        return await self.check(verifier, scope, frame.token), frame.after

    async def check(self, verifier: TokenVerifier, scope: str, token: str) -> Principal:
        """Verify a token and prolong the line with it."""
        try:
            principal = await verifier.verify(token)
        except InvalidTokenError as fault:
            raise LineClosedError(TOKEN_OVER, str(fault)) from None
        if not principal.may(scope):
            raise LineClosedError(TOKEN_OVER, f"needs {scope}")
        self.expires_at = principal.expires_at
        return principal

    async def take_renewals(self, verifier: TokenVerifier, scope: str, subject: str) -> None:
        """Listen for renewed tokens until the line ends; they must be of the same person."""
        while True:
            frame = await self.frame()
            principal = await self.check(verifier, scope, frame.token)
            if principal.subject != subject:
                raise LineClosedError(TOKEN_OVER, "another person's token")

    async def end_when_due(self, draining: asyncio.Event) -> None:
        """End the line when its token runs out or the process stops."""
        while not draining.is_set():
            remaining = self.expires_at - time()
            if remaining <= 0:
                raise LineClosedError(TOKEN_OVER, "the token has expired")
            try:
                # A renewed token is found when the old one would have run out.
                async with asyncio.timeout(remaining):
                    await draining.wait()
            except TimeoutError:
                continue
        raise LineClosedError(RESTART, "restart")


@asynccontextmanager
async def open_line(socket: WebSocket) -> AsyncIterator[Line]:
    """Accept the socket and end it with the code that the block asks for."""
    await socket.accept()
    try:
        yield Line(socket)
    except* WebSocketDisconnect:
        pass
    except* LineClosedError as group:
        fault = _first(group)
        await _close(socket, fault.code, fault.reason)


async def _close(socket: WebSocket, code: int, reason: str) -> None:
    try:
        async with asyncio.timeout(1):
            await socket.close(code, reason[:120])
    except (RuntimeError, TimeoutError):
        return  # The other side is gone already.


def _first(group: BaseExceptionGroup[LineClosedError]) -> LineClosedError:
    first = group.exceptions[0]
    return first if isinstance(first, LineClosedError) else _first(first)
