"""A line to a mail server that is kept open and sends one mail after another.

Where the server allows it (RFC 2920), a mail's body goes out together with the next one's envelope, so that each mail
costs one round trip instead of four. What is known of a mail when the line breaks depends on how far it came: before
its body nothing can have left; after it only the server's answer tells.
"""

import asyncio
import ssl
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

COMMAND_SECONDS = 20
# RFC 5321 allows ten minutes; whoever waits so long here would hold its lease for nothing.
BODY_SECONDS = 45
# Servers hang up on silent clients; a line that was silent for less is taken to be there.
IDLE_SECONDS = 5
LINE_BYTES = 4096
MAX_LINES = 100
OK = 250
HAPPENED = 300
REFUSED = 400
PERMANENT = 500
GO_ON = 354
LOGGED_IN = 235
GO_ON_LOGIN = 334


class Outcome(StrEnum):
    """What came of one mail."""

    SENT = "sent"
    # The server put it off, or the line broke before its body: it has not left.
    LATER = "later"
    # The server does not take it for this recipient, now or ever.
    REFUSED = "refused"
    # The line broke after its body: it may have left.
    LOST = "lost"
    # Its turn did not come.
    NOT_BEGUN = "not_begun"


@dataclass(frozen=True, slots=True)
class Mail:
    """One envelope and its content, CRLF line ends. Where one of several recipients is refused, nobody gets it."""

    recipient: str
    content: bytes
    copies: tuple[str, ...] = ()


class Tls(StrEnum):
    """How the line to the mail server is closed to others."""

    # From the first byte on, as on port 465 (RFC 8314).
    IMPLICIT = "implicit"
    # STARTTLS, or nothing is sent.
    REQUIRED = "required"
    # STARTTLS where the server offers it.
    OFFERED = "offered"


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail is handed in, and in whose name; with a user, who logs in there."""

    host: str
    port: int
    sender: str
    tls: Tls = Tls.OFFERED
    user: str | None = None
    password: str = field(default="", repr=False)
    answer_seconds: float = BODY_SECONDS


class BrokenLineError(Exception):
    """The server hung up, was silent for too long, or does not speak SMTP."""


class SmtpLine:
    """An open line; never used by two tasks at a time."""

    def __init__(self, server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Use `open_line`."""
        self._server = server
        self._reader = reader
        self._writer = writer
        self._features: dict[str, str] = {}
        self._used_at = 0.0
        self.open = True

    @property
    def pipelining(self) -> bool:
        """Whether the server reads several commands at once."""
        return "PIPELINING" in self._features

    async def greet(self) -> None:
        """Say hello, go over to TLS, and log in."""
        await self._expect(await self._reply(COMMAND_SECONDS), 220)
        await self._hello()
        if self._server.tls is not Tls.IMPLICIT and "STARTTLS" in self._features:
            await self._start_tls()
        elif self._server.tls is Tls.REQUIRED:
            raise BrokenLineError("no TLS is offered")
        if self._server.user is not None:
            await self._log_in(self._server.user, self._server.password)

    async def send(self, mails: Sequence[Mail], may_begin: Callable[[], bool]) -> list[Outcome]:
        """Send mails one after the other; each has an outcome of its own, whatever becomes of the others.

        `may_begin` is asked before each body, the last moment at which a mail can be held back.
        """
        outcomes = [Outcome.NOT_BEGUN] * len(mails)
        at = 0
        begun_ahead = False
        try:
            while at < len(mails):
                following = mails[at + 1] if at + 1 < len(mails) and self._at_once(mails[at + 1]) else None
                refusal = await self._envelope(mails[at], ahead=begun_ahead)
                begun_ahead = False
                if refusal is not None:
                    outcomes[at] = refusal
                elif not may_begin():
                    self.close()
                    return outcomes
                else:
                    outcomes[at] = Outcome.LOST
                    outcomes[at] = await self._body(mails[at], following)
                    begun_ahead = following is not None
                at += 1
        except BrokenLineError:
            self.close()
            if outcomes[at] is Outcome.NOT_BEGUN:
                outcomes[at] = Outcome.LATER
        except BaseException:
            self.close()
            raise
        self._used_at = asyncio.get_running_loop().time()
        return outcomes

    async def alive(self) -> bool:
        """Whether the server still listens; asked only of a line that was idle for a while."""
        loop = asyncio.get_running_loop()
        if self.open and loop.time() - self._used_at > IDLE_SECONDS:
            self._writer.write(b"NOOP\r\n")
            try:
                await self._expect(await self._reply(COMMAND_SECONDS), OK)
            except BrokenLineError:
                self.close()
        return self.open

    def close(self) -> None:
        """Hang up."""
        self.open = False
        self._writer.transport.abort()

    async def _hello(self) -> None:
        self._writer.write(f"EHLO {self._server.sender.rpartition('@')[2]}\r\n".encode())
        code, lines = await self._reply(COMMAND_SECONDS)
        await self._expect((code, lines), OK)
        words = [line.upper().partition(" ") for line in lines[1:]]
        self._features = {name: details for name, _, details in words}

    async def _start_tls(self) -> None:
        self._writer.write(b"STARTTLS\r\n")
        await self._expect(await self._reply(COMMAND_SECONDS), 220)
        if await self._said_more():
            raise BrokenLineError("an answer before its question")
        await self._writer.start_tls(ssl.create_default_context(), server_hostname=self._server.host)
        await self._hello()

    async def _said_more(self) -> bool:
        """What came in the clear must not be taken for an answer that came by TLS."""
        try:
            async with asyncio.timeout(0):
                return bool(await self._reader.read(1))
        except TimeoutError:
            return False

    async def _log_in(self, user: str, password: str) -> None:
        """RFC 4954; PLAIN where the server knows it, else the older LOGIN."""
        if "PLAIN" in self._features.get("AUTH", "").split():
            steps = ["AUTH PLAIN " + _base64(f"\0{user}\0{password}")]
        else:
            steps = ["AUTH LOGIN", _base64(user), _base64(password)]
        for number, step in enumerate(steps, 1):
            self._writer.write(f"{step}\r\n".encode())
            await self._expect(await self._reply(COMMAND_SECONDS), LOGGED_IN if number == len(steps) else GO_ON_LOGIN)

    async def _envelope(self, mail: Mail, *, ahead: bool) -> Outcome | None:
        """Name sender and recipient and ask to begin; None if the server waits for the body now."""
        commands = self._commands(mail)
        codes: list[int] = []
        if ahead or self._at_once(mail):
            if not ahead:
                self._writer.write(b"".join(commands))
            codes = [await self._code() for _ in commands]
        else:
            for command in commands:
                self._writer.write(command)
                codes.append(await self._code())
                if codes[-1] >= REFUSED:
                    break
        if codes[-1] == GO_ON and max(codes[:-1]) < HAPPENED:
            return None
        await self._start_anew(codes)
        return _refusal(codes)

    async def _start_anew(self, codes: list[int]) -> None:
        if codes[-1] == GO_ON:
            # A server that wants a body without a recipient gets an empty one, which goes nowhere.
            self._writer.write(b".\r\n")
            await self._code()
        self._writer.write(b"RSET\r\n")
        await self._expect(await self._reply(COMMAND_SECONDS), OK)

    def _at_once(self, mail: Mail) -> bool:
        """With several recipients each is waited for: once one is taken, DATA could not be taken back."""
        return self.pipelining and not mail.copies

    def _commands(self, mail: Mail) -> list[bytes]:
        return [
            f"MAIL FROM:<{self._server.sender}>\r\n".encode("ascii"),
            *(f"RCPT TO:<{each}>\r\n".encode("ascii") for each in (mail.recipient, *mail.copies)),
            b"DATA\r\n",
        ]

    async def _body(self, mail: Mail, following: Mail | None) -> Outcome:
        content = mail.content.replace(b"\r\n.", b"\r\n..")
        ahead = b"".join(self._commands(following)) if following else b""
        self._writer.write(content + b".\r\n" + ahead)
        code, _ = await self._reply(self._server.answer_seconds)
        if code < HAPPENED:
            return Outcome.SENT
        return Outcome.REFUSED if code >= PERMANENT else Outcome.LATER

    async def _code(self) -> int:
        return (await self._reply(COMMAND_SECONDS))[0]

    async def _reply(self, seconds: float) -> tuple[int, list[str]]:
        """One answer of the server; 421 says that it hangs up."""
        lines: list[str] = []
        try:
            async with asyncio.timeout(seconds):
                await self._writer.drain()
                while len(lines) < MAX_LINES:
                    line = (await self._reader.readuntil(b"\n")).decode("ascii", "replace").rstrip("\r\n")
                    lines.append(line[4:])
                    if line[3:4] != "-":
                        return int(line[:3]), lines
        except (OSError, EOFError, ValueError, asyncio.LimitOverrunError, TimeoutError) as fault:
            raise BrokenLineError(type(fault).__name__) from fault
        raise BrokenLineError("too long an answer")

    async def _expect(self, reply: tuple[int, list[str]], code: int) -> None:
        if reply[0] != code:
            raise BrokenLineError(f"{reply[0]} instead of {code}")


async def open_line(server: Server) -> SmtpLine:
    """Call the mail server; BrokenLineError if it cannot be spoken with, or does not let us in."""
    context = ssl.create_default_context() if server.tls is Tls.IMPLICIT else None
    try:
        async with asyncio.timeout(COMMAND_SECONDS):
            reader, writer = await asyncio.open_connection(server.host, server.port, limit=LINE_BYTES, ssl=context)
    except (OSError, TimeoutError) as fault:
        raise BrokenLineError(type(fault).__name__) from fault
    line = SmtpLine(server, reader, writer)
    try:
        await line.greet()
    except OSError as fault:
        # A certificate that is not trusted, for one.
        line.close()
        raise BrokenLineError(type(fault).__name__) from fault
    except BaseException:
        line.close()
        raise
    return line


def _refusal(codes: list[int]) -> Outcome:
    """A refused sender is our own fault and may be mended; a refused recipient is the recipient's."""
    mail, *rest = codes
    first = next((code for code in rest if code >= REFUSED), REFUSED)
    return Outcome.REFUSED if mail < REFUSED and first >= PERMANENT else Outcome.LATER


def _base64(text: str) -> str:
    return b64encode(text.encode()).decode()
