"""Mail servers that want to know who hands mail in: logging in, and never in the clear."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from pydantic import ValidationError

from careline_local.parts.greenmail import GreenMail
from careline_local.testing.fixtures import CARE_ADDRESS
from interaction_router.channels.mail.smtp import BrokenLineError, Mail, Outcome, Server, Tls, open_line

from ...factories import make_settings
from .certificates import make_certificate

# What aiosmtpd thinks of servers that take passwords in the clear; one that is all TLS is such a server to it.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
USER, PASSWORD = "care@shop.example", "p\u00e4ssword with spaces"


class Peer:
    """Takes mail from those who have logged in."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.by_tls: list[bool] = []

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        self.by_tls.append(session.ssl is not None)
        known = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=known, handled=False)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.taken.append(envelope.content)
        return "250 OK"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return make_certificate(tmp_path)


@asynccontextmanager
async def serving(peer: Peer, tls: Tls, certificate: Path, **named: Any) -> AsyncIterator[Server]:
    """A submission server; `named` goes to aiosmtpd."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    implicit = tls is Tls.IMPLICIT
    options = {
        "authenticator": peer.authenticate,
        "auth_required": True,
        "auth_require_tls": not implicit,
        "tls_context": None if implicit else context,
        **named,
    }
    loop = asyncio.get_running_loop()
    lines: list[SMTP] = []

    def answer() -> SMTP:
        lines.append(SMTP(peer, hostname="mx.test", loop=loop, **options))
        return lines[-1]

    server = await loop.create_server(answer, "127.0.0.1", 0, ssl=context if implicit else None)
    yield Server("127.0.0.1", server.sockets[0].getsockname()[1], USER, tls, USER, PASSWORD)
    server.close()
    for line in lines:
        if line.transport is not None:
            line.transport.close()
    await asyncio.sleep(0.05)


async def hand_in(server: Server) -> list[Outcome]:
    line = await open_line(server)
    outcomes = await line.send([Mail("li.wei@customer.example", b"Subject: Hello\r\n\r\nHello\r\n")], lambda: True)
    line.close()
    return outcomes


@pytest.mark.parametrize("tls", [Tls.IMPLICIT, Tls.REQUIRED])
@pytest.mark.parametrize("excluded", [[], ["PLAIN"]], ids=["plain", "login"])
async def test_who_logs_in_hands_mail_in(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, tls: Tls, excluded: list[str]
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    peer = Peer()
    async with serving(peer, tls, certificate, auth_exclude_mechanism=excluded) as server:
        assert await hand_in(server) == [Outcome.SENT]
        with pytest.raises(BrokenLineError, match="535"):
            await open_line(replace(server, password="wrong"))
        assert await hand_in(replace(server, user=None)) != [Outcome.SENT]
    assert len(peer.taken) == 1
    assert tls is Tls.IMPLICIT or peer.by_tls == [True, True]


async def test_a_password_is_not_sent_where_no_tls_is_offered(certificate: Path) -> None:
    peer = Peer()
    async with serving(peer, Tls.REQUIRED, certificate, tls_context=None, auth_require_tls=False) as server:
        with pytest.raises(BrokenLineError, match="no TLS"):
            await open_line(server)
    assert peer.by_tls == []


@pytest.mark.parametrize("tls", [Tls.IMPLICIT, Tls.REQUIRED])
async def test_a_password_is_not_sent_to_a_server_that_nobody_vouches_for(certificate: Path, tls: Tls) -> None:
    peer = Peer()
    async with serving(peer, tls, certificate) as server:
        with pytest.raises(BrokenLineError, match="SSLCertVerificationError"):
            await open_line(server)
    assert peer.by_tls == []


async def test_an_answer_that_came_before_tls_is_none(certificate: Path) -> None:
    """Whoever sits on the line could put it there (CVE-2021-38371)."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mx\r\n")
        await reader.readline()
        writer.write(b"250-mx\r\n250 STARTTLS\r\n")
        await reader.readline()
        writer.write(b"220 go\r\n250 injected\r\n")
        try:
            await reader.read()
        finally:
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    server = Server("127.0.0.1", listening.sockets[0].getsockname()[1], USER, Tls.REQUIRED)
    with pytest.raises(BrokenLineError, match="before its question"):
        await open_line(server)
    listening.close()
    await asyncio.sleep(0.05)


async def test_greenmail_lets_its_users_in(mail_server: GreenMail) -> None:
    server = Server(
        "127.0.0.1", mail_server.smtp_port, CARE_ADDRESS, Tls.OFFERED, CARE_ADDRESS, mail_server.mailboxes[CARE_ADDRESS]
    )
    assert await hand_in(server) == [Outcome.SENT]
    with pytest.raises(BrokenLineError, match="535"):
        await open_line(replace(server, password="wrong"))
    await asyncio.sleep(0.05)


def test_settings_keep_the_password_from_open_lines(tmp_path: Path) -> None:
    def of(**named: Any) -> Server:
        values = {"mail_smtp_host": "mx.example", "mail_address": USER, **named}
        server = make_settings("postgresql://x/x", tmp_path, **values).mail_server()
        assert server is not None
        return server

    login = {"mail_smtp_user": USER, "mail_smtp_password": PASSWORD}
    assert of().tls is Tls.OFFERED
    assert of(**login).tls is Tls.REQUIRED
    assert of(**login, mail_smtp_port=465).tls is Tls.IMPLICIT
    assert of(**login).password == PASSWORD
    assert PASSWORD not in repr(of(**login))
    for wrong in ({"mail_smtp_user": USER}, {"mail_smtp_password": PASSWORD}, {**login, "mail_smtp_tls": "offered"}):
        with pytest.raises(ValidationError, match="ROUTER_MAIL_SMTP"):
            of(**wrong)
    assert of(**login, mail_smtp_tls="offered", mail_smtp_host="127.0.0.1").tls is Tls.OFFERED
