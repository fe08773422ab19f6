"""Ports of this machine: finding a free one, and telling whether a wanted one is taken."""

import random
import socket
from contextlib import closing
from typing import Final

LOOPBACK: Final = "127.0.0.1"
# Below the range from which the kernel takes the ports of outgoing connections (32768 and up), so that
# between choosing a port and listening on it no client of any other process can slip into it.
_FREE_PORTS: Final = range(20_000, 32_000)


def is_free(port: int) -> bool:
    """Whether a server could listen on this loopback port now."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as candidate:
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A loopback port that nobody listens on."""
    for port in random.SystemRandom().sample(_FREE_PORTS, 200):
        if is_free(port):
            return port
    raise OSError(f"none of 200 ports tried between {_FREE_PORTS[0]} and {_FREE_PORTS[-1]} is free")
