"""The line between a browser and the gateway, which a test can cut, and mend."""

import asyncio
import contextlib

from careline_local.parts.ports import LOOPBACK, free_port

_CHUNK_BYTES = 64 * 1024
_TUNNEL = b"CONNECT "


class Cable:
    """A proxy that carries bytes to one port, as long as it is whole."""

    def __init__(self, target_port: int) -> None:
        """`target_port` is where all connections end, whatever they ask for."""
        self.port = free_port()
        self._target_port = target_port
        self._server: asyncio.Server | None = None
        self._carrying: set[asyncio.Task[None]] = set()
        self._flows = asyncio.Event()
        self._flows.set()

    @property
    def proxy(self) -> dict[str, str]:
        """For a browser's profile: what it needs to go through here."""
        return {"server": f"http://{LOOPBACK}:{self.port}"}

    async def mend(self) -> None:
        """Take connections (again)."""
        self._flows.set()
        self._server = await asyncio.start_server(self._carry, LOOPBACK, self.port)

    async def cut(self) -> None:
        """Break all connections and take no new ones."""
        if self._server is not None:
            self._server.close()
        self._server = None
        carrying = list(self._carrying)
        for task in carrying:
            task.cancel()
        await asyncio.gather(*carrying, return_exceptions=True)

    def freeze(self) -> None:
        """Carry nothing more, and break nothing: nobody is told."""
        self._flows.clear()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._carrying.add(task)
        try:
            await self._connect(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # That a line ends is what it is for.
        finally:
            self._carrying.discard(task)
            writer.transport.abort()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        far_reader, far_writer = await asyncio.open_connection(LOOPBACK, self._target_port)
        try:
            if head.startswith(_TUNNEL):
                writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            else:
                far_writer.write(head)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pump(reader, far_writer))
                group.create_task(self._pump(far_reader, writer))
        finally:
            far_writer.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(_CHUNK_BYTES):
            await self._flows.wait()
            writer.write(chunk)
            with contextlib.suppress(ConnectionError):
                await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
