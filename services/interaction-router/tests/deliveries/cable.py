"""A line to a mail server that breaks after a mail was taken and before its sender hears of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from careline_local.parts.ports import LOOPBACK

END_OF_BODY = b"\r\n.\r\n"
CHUNK_BYTES = 64 * 1024


class Cable:
    """Carries bytes to a mail server; the answer to each mail whose number is in `cut_at` is dropped."""

    def __init__(self, target_port: int, cut_at: set[int]) -> None:
        self.port = 0
        self.taken = 0
        self.cut = 0
        self._target_port = target_port
        self._cut_at = cut_at

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(LOOPBACK, self._target_port)
        back = asyncio.create_task(self._back(far_reader, writer))
        tail = b""
        try:
            while chunk := await reader.read(CHUNK_BYTES):
                ended = (tail + chunk).count(END_OF_BODY) - tail.count(END_OF_BODY)
                tail = (tail + chunk)[-len(END_OF_BODY) + 1 :]
                numbers = set(range(self.taken + 1, self.taken + ended + 1))
                self.taken += ended
                if numbers & self._cut_at:
                    back.cancel()
                    await asyncio.wait([back])
                    # The server has the mail for sure: it says so, and nobody hears it.
                    far_writer.write(chunk)
                    await far_reader.readline()
                    self.cut += 1
                    return
                far_writer.write(chunk)
        finally:
            back.cancel()
            far_writer.close()
            writer.transport.abort()

    async def _back(self, far_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await far_reader.read(CHUNK_BYTES):
            writer.write(chunk)
        writer.close()


@asynccontextmanager
async def breaking(target_port: int, cut_at: set[int]) -> AsyncIterator[Cable]:
    cable = Cable(target_port, cut_at)
    server = await asyncio.start_server(cable.carry, LOOPBACK, 0)
    cable.port = server.sockets[0].getsockname()[1]
    yield cable
    server.close()
