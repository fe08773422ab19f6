"""The line between the router and the mail server, on which the answer to one mail can get lost."""

import asyncio
import threading
from typing import Final

from careline_local.parts.ports import LOOPBACK, free_port

END_OF_BODY: Final = b"\r\n.\r\n"
_CHUNK_BYTES: Final = 64 * 1024


class MailLine:
    """Carries SMTP in a thread of its own; once told to, it breaks when the server has a mail and nobody knows yet."""

    def __init__(self, target_port: int) -> None:
        """`target_port` is the mail server's."""
        self.port = free_port()
        self.lost: list[str] = []
        self._target_port = target_port
        self._wanted = ""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Take connections; the mail server may come later."""
        self._thread.start()

    def stop(self) -> None:
        """Break all connections."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)

    def lose_the_answer_to(self, address: str) -> None:
        """The next mail to this address arrives, and its sender does not hear of it."""
        self._wanted = address

    def _run(self) -> None:
        server = self._loop.run_until_complete(asyncio.start_server(self._carry, LOOPBACK, self.port))
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(LOOPBACK, self._target_port)
        except OSError:
            writer.transport.abort()
            return
        back = asyncio.create_task(self._back(far_reader, writer))
        try:
            await self._forth(reader, far_reader, far_writer, back)
        except OSError:
            pass  # That a line ends is what it is for.
        finally:
            back.cancel()
            far_writer.transport.abort()
            writer.transport.abort()

    async def _forth(
        self,
        reader: asyncio.StreamReader,
        far_reader: asyncio.StreamReader,
        far_writer: asyncio.StreamWriter,
        back: asyncio.Task[None],
    ) -> None:
        said = b""
        while chunk := await reader.read(_CHUNK_BYTES):
            said += chunk
            if END_OF_BODY not in said:
                far_writer.write(chunk)
                continue
            if self._wanted and f"RCPT TO:<{self._wanted}>".upper().encode() in said.upper():
                self.lost.append(self._wanted)
                self._wanted = ""
                back.cancel()
                await asyncio.wait([back])
                # The server has the mail for sure: it says so, and nobody hears it.
                far_writer.write(chunk)
                await far_reader.readline()
                return
            said = said.rpartition(END_OF_BODY)[2]
            far_writer.write(chunk)

    async def _back(self, far_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await far_reader.read(_CHUNK_BYTES):
            writer.write(chunk)
        writer.close()
