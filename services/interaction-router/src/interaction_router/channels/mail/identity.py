"""Is the sender who the mail says? Only a DKIM signature aligned with From proves it (RFC 6376, RFC 7489).

Anyone may write any From. A mail without proof is a claim: it is answered, but it opens no history.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import dkim
import dns.exception
import dns.resolver
from publicsuffixlist import PublicSuffixList

from interaction_router.channels.mail.message import Parsed

MAX_SIGNATURES = 5
DNS_SECONDS = 2.0

PROVEN = "proven:"

TxtLookup = Callable[[bytes, int], bytes | None]
_suffixes = PublicSuffixList()


class ProofReason(StrEnum):
    """Why an address is proven, or only claimed."""

    ALIGNED = "dkim_aligned"
    SEVERAL_AUTHORS = "several_authors"
    NOT_SIGNED = "not_signed"
    NOT_ALIGNED = "dkim_not_aligned"
    INVALID = "dkim_invalid"
    KEY_UNAVAILABLE = "dkim_key_unavailable"


@dataclass(frozen=True, slots=True)
class Proof:
    """The finding about a sender."""

    proven: bool
    reason: ProofReason


def prove_sender(raw: bytes, mail: Parsed, lookup: TxtLookup) -> Proof:
    """Look for one valid signature whose domain answers for the domain in From. Blocks on DNS."""
    if mail.authors != 1:
        return Proof(False, ProofReason.SEVERAL_AUTHORS)
    signatures = len(mail.headers.get("dkim-signature", ()))
    if signatures == 0:
        return Proof(False, ProofReason.NOT_SIGNED)
    domain = mail.sender.rpartition("@")[2]
    reason = ProofReason.NOT_ALIGNED
    for index in range(min(signatures, MAX_SIGNATURES)):
        found = _check(raw, index, domain, lookup)
        if found is ProofReason.ALIGNED:
            return Proof(True, found)
        if found is not ProofReason.NOT_ALIGNED:
            reason = found
    return Proof(False, reason)


def _check(raw: bytes, index: int, domain: str, lookup: TxtLookup) -> ProofReason:
    verifier = dkim.DKIM(raw, timeout=DNS_SECONDS)
    try:
        valid = verifier.verify(idx=index, dnsfunc=lambda name, timeout=2: lookup(name, timeout))
    except (dns.exception.DNSException, OSError, dkim.DnsTimeoutError):
        return ProofReason.KEY_UNAVAILABLE
    except Exception:  # noqa: BLE001  A malformed signature fails in many ways; all of them prove nothing.
        return ProofReason.INVALID
    fields = verifier.signature_fields
    signed = re.split(rb"\s*:\s*", fields.get(b"h", b"").strip().lower())
    # With l= anyone on the way may add text below the signed part.
    if not valid or b"from" not in signed or b"l" in fields:
        return ProofReason.INVALID
    signer = fields[b"d"].decode("ascii", "replace")
    return ProofReason.ALIGNED if aligned(signer, domain) else ProofReason.NOT_ALIGNED


def aligned(signer: str, author: str) -> bool:
    """Relaxed alignment: both belong to the same organisational domain, which is never a public suffix."""
    organisation = _suffixes.privatesuffix(signer.lower().rstrip("."))
    return organisation is not None and organisation == _suffixes.privatesuffix(author.lower().rstrip("."))


def name_server(address: str | None) -> TxtLookup:
    """Look TXT records up at one name server (host:port), or as the system does."""
    resolver = dns.resolver.Resolver(configure=address is None)
    resolver.lifetime = DNS_SECONDS
    if address is not None:
        host, _, port = address.rpartition(":")
        resolver.nameservers = [host]
        resolver.port = int(port)

    def lookup(name: bytes, timeout: int) -> bytes | None:
        try:
            answer = resolver.resolve(name.decode("ascii"), "TXT", lifetime=min(timeout, DNS_SECONDS))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer, UnicodeDecodeError):
            return None
        return b"".join(answer[0].strings)

    return lookup


def address_of(contact: str) -> str:
    """The mail address in a contact."""
    return contact.removeprefix(PROVEN)
