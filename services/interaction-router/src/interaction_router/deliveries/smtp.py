"""A line to a mail server that is kept open and sends one mail after another.

Where the server allows it (RFC 2920), a mail's body goes out together with the next one's envelope, so that each mail
costs one round trip instead of four. What is known of a mail when the line breaks depends on how far it came: before
its body nothing can have left; after it only the server's answer tells.
"""

import asyncio
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
    """One envelope and its content, CRLF line ends."""

    recipient: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail is handed in, and in whose name."""

    host: str
    port: int
    sender: str
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
        self._features: frozenset[str] = frozenset()
        self._used_at = 0.0
        self.open = True

    @property
    def pipelining(self) -> bool:
        """Whether the server reads several commands at once."""
        return "PIPELINING" in self._features

    async def greet(self) -> None:
        """Say hello, and go over to TLS where it is offered."""
        await self._expect(await self._reply(COMMAND_SECONDS), 220)
        await self._hello()
        if "STARTTLS" in self._features:
            self._writer.write(b"STARTTLS\r\n")
            await self._expect(await self._reply(COMMAND_SECONDS), 220)
            await self._writer.start_tls(ssl.create_default_context(), server_hostname=self._server.host)
            await self._hello()

    async def send(self, mails: Sequence[Mail], may_begin: Callable[[], bool]) -> list[Outcome]:
        """Send mails one after the other; each has an outcome of its own, whatever becomes of the others.

        `may_begin` is asked before each body, the last moment at which a mail can be held back.
        """
        outcomes = [Outcome.NOT_BEGUN] * len(mails)
        at = 0
        begun_ahead = False
        try:
            while at < len(mails):
                following = mails[at + 1] if self.pipelining and at + 1 < len(mails) else None
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
        self._features = frozenset(line.split()[0].upper() for line in lines[1:] if line.split())

    async def _envelope(self, mail: Mail, *, ahead: bool) -> Outcome | None:
        """Name sender and recipient and ask to begin; None if the server waits for the body now."""
        commands = self._commands(mail)
        codes: list[int] = []
        if ahead or self.pipelining:
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

    def _commands(self, mail: Mail) -> list[bytes]:
        return [
            f"MAIL FROM:<{self._server.sender}>\r\n".encode("ascii"),
            f"RCPT TO:<{mail.recipient}>\r\n".encode("ascii"),
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
    """Call the mail server; BrokenLineError if it cannot be spoken with."""
    try:
        async with asyncio.timeout(COMMAND_SECONDS):
            reader, writer = await asyncio.open_connection(server.host, server.port, limit=LINE_BYTES)
    except (OSError, TimeoutError) as fault:
        raise BrokenLineError(type(fault).__name__) from fault
    line = SmtpLine(server, reader, writer)
    try:
        await line.greet()
    except BaseException:
        line.close()
        raise
    return line


def _refusal(codes: list[int]) -> Outcome:
    """A refused sender is our own fault and may be mended; a refused recipient is the recipient's."""
    mail, *rest = codes
    if mail >= REFUSED:
        return Outcome.LATER
    return Outcome.REFUSED if rest and rest[0] >= PERMANENT else _of_data(rest)


def _of_data(codes: list[int]) -> Outcome:
    recipient, *data = codes
    if recipient >= REFUSED:
        return Outcome.LATER
    return Outcome.REFUSED if data and data[0] >= PERMANENT else Outcome.LATER
