"""A real name server with DKIM keys."""

from types import TracebackType
from typing import Any, Self

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from dnslib import RR
from dnslib.server import DNSLogger, DNSServer

SELECTOR = b"sel"


def a_key() -> bytes:
    """A private key as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )


class NameServer:
    """Answers questions for the keys of some domains."""

    def __init__(self, keys: dict[str, bytes]) -> None:
        self._records = {f"{SELECTOR.decode()}._domainkey.{domain}.": _record(key) for domain, key in keys.items()}
        self._server = DNSServer(self, port=0, address="127.0.0.1", logger=DNSLogger(log=""))

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._server.server.server_address[1]}"

    def resolve(self, request: Any, handler: Any) -> Any:
        reply = request.reply()
        name = str(request.q.qname)
        if name in self._records:
            text = self._records[name]
            chunks = " ".join(f'"{text[at : at + 200]}"' for at in range(0, len(text), 200))
            reply.add_answer(*RR.fromZone(f"{name} 60 TXT {chunks}"))
        return reply

    def __enter__(self) -> Self:
        self._server.start_thread()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stop()
        self._server.server.server_close()


def _record(private_key: bytes) -> str:
    key = serialization.load_pem_private_key(private_key, None)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return "v=DKIM1; k=rsa; p=" + "".join(public.decode().splitlines()[1:-1])
