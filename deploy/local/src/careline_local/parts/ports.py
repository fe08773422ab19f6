"""Ports of this machine: taking a free one, and telling whether a wanted one is taken."""

import random
import socket
from contextlib import closing
from typing import Final

LOOPBACK: Final = "127.0.0.1"
# Below the range from which the kernel takes the ports of outgoing connections (32768 and up), so that
# no client of any other process sits on one of them.
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
    """A loopback port that nobody has, and that no other call gives away while this process lives.

    A server is told the port and listens on it seconds later; without the hold a test run beside this one could
    be given the same port, and the two would talk to each other's servers.
    """
    for port in random.SystemRandom().sample(_FREE_PORTS, 200):
        if _hold(port):
            return port
    raise OSError(f"none of 200 ports tried between {_FREE_PORTS[0]} and {_FREE_PORTS[-1]} is free")


def _hold(port: int) -> bool:
    """Bind a socket that never listens: others cannot take the port, a server that sets SO_REUSEADDR can use it."""
    holder = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        holder.bind((LOOPBACK, port))
    except OSError:
        holder.close()
        return False
    # Only now: set before, this socket could itself be bound beside another that holds the port.
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # The descriptor, and with it the hold, lasts until this process ends.
    holder.detach()
    return True
