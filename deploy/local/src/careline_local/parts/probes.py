"""Whether a server answers in its own protocol.

An open port is not enough: the kernel accepts connections for a frozen process, and Docker's proxy for a
container that has not started yet.
"""

import socket
import struct
from typing import Final

from careline_local.parts.ports import LOOPBACK

TIMEOUT_SECONDS: Final = 2

_TLS_REQUEST: Final = struct.pack(">ii", 8, 80877103)
# Metadata, version 4, for no topic: only a broker that takes part in its cluster names itself in the answer.
_METADATA_REQUEST: Final = struct.pack(">hhih", 3, 4, 1, -1) + struct.pack(">ib", 0, 0)
# Begins with length, correlation id, throttle time and the number of brokers.
_METADATA_ANSWER: Final = struct.Struct(">iiii")


def postgresql_answers(port: int) -> bool:
    """PostgreSQL answers the question whether it speaks TLS with one letter."""
    return _ask(port, _TLS_REQUEST, 1) in {b"S", b"N"}


def kafka_answers(port: int) -> bool:
    """A Kafka broker lists at least itself."""
    answer = _ask(port, struct.pack(">i", len(_METADATA_REQUEST)) + _METADATA_REQUEST, _METADATA_ANSWER.size)
    return len(answer) == _METADATA_ANSWER.size and _METADATA_ANSWER.unpack(answer)[3] > 0


def mail_greets(smtp_port: int, imap_port: int) -> bool:
    """SMTP and IMAP greet whoever connects."""
    return _ask(smtp_port, b"", 64).startswith(b"220") and _ask(imap_port, b"", 64).startswith(b"* OK")


def _ask(port: int, request: bytes, length: int) -> bytes:
    try:
        with socket.create_connection((LOOPBACK, port), timeout=TIMEOUT_SECONDS) as connection:
            connection.sendall(request)
            return connection.recv(length)
    except OSError:
        return b""
