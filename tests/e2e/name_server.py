"""A name server for the tests' own domains: it answers for DKIM keys and knows nothing else."""

from dnslib import QTYPE, RCODE, RR, TXT
from dnslib.server import BaseResolver, DNSHandler, DNSLogger, DNSServer

from careline_local.parts.ports import LOOPBACK, free_port


class NameServer:
    """Answers TXT questions by UDP."""

    def __init__(self, records: dict[str, str]) -> None:
        """`records` maps names to texts."""
        self.port = free_port()
        self._server = DNSServer(_Records(records), address=LOOPBACK, port=self.port, logger=DNSLogger("-request"))

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"{LOOPBACK}:{self.port}"

    def start(self) -> None:
        """Listen in a thread."""
        self._server.start_thread()

    def stop(self) -> None:
        """Stop listening."""
        self._server.stop()
        self._server.server.server_close()


class _Records(BaseResolver):  # type: ignore[misc]  # dnslib has no types.
    def __init__(self, records: dict[str, str]) -> None:
        self._records = records

    def resolve(self, request: object, handler: DNSHandler) -> object:
        reply = request.reply()  # type: ignore[attr-defined]
        name = str(request.q.qname).rstrip(".")  # type: ignore[attr-defined]
        text = self._records.get(name)
        if text is None:
            reply.header.rcode = RCODE.NXDOMAIN
        else:
            pieces = [text[start : start + 255].encode() for start in range(0, len(text), 255)]
            reply.add_answer(RR(name, QTYPE.TXT, rdata=TXT(pieces)))
        return reply
