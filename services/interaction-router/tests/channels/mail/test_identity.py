from collections.abc import Iterator

import dkim
import pytest

from interaction_router.channels.mail.identity import (
    ProofReason,
    TxtLookup,
    aligned,
    name_server,
    prove_sender,
)
from interaction_router.channels.mail.message import Parsed
from interaction_router.channels.mail.parse import parse

from .dns_server import NameServer, a_key
from .mails import plain


@pytest.fixture(scope="module")
def private_key() -> bytes:
    return a_key()


@pytest.fixture(scope="module")
def lookup(private_key: bytes) -> Iterator[TxtLookup]:
    with NameServer(dict.fromkeys(("customer.example", "evil.example", "co.uk"), private_key)) as server:
        yield name_server(server.address)


def signed(raw: bytes, key: bytes, domain: str = "customer.example", *, length: bool = False) -> bytes:
    return bytes(dkim.sign(raw, b"sel", domain.encode(), key, length=length)) + raw


def proof(raw: bytes, lookup: TxtLookup) -> tuple[bool, ProofReason]:
    mail = parse(raw)
    assert isinstance(mail, Parsed)
    found = prove_sender(raw, mail, lookup)
    return found.proven, found.reason


def test_an_aligned_signature_proves_the_sender(private_key: bytes, lookup: TxtLookup) -> None:
    assert proof(signed(plain(), private_key), lookup) == (True, ProofReason.ALIGNED)
    subdomain = plain(sender="a@mail.customer.example")
    assert proof(signed(subdomain, private_key), lookup) == (True, ProofReason.ALIGNED)


def test_a_forged_from_stays_a_claim(private_key: bytes, lookup: TxtLookup) -> None:
    assert proof(plain(), lookup) == (False, ProofReason.NOT_SIGNED)
    by_other = signed(plain(), private_key, "evil.example")
    assert proof(by_other, lookup) == (False, ProofReason.NOT_ALIGNED)
    by_suffix = signed(plain(sender="a@bank.co.uk"), private_key, "co.uk")
    assert proof(by_suffix, lookup) == (False, ProofReason.NOT_ALIGNED)


def test_changed_text_and_second_author_prove_nothing(private_key: bytes, lookup: TxtLookup) -> None:
    changed = signed(plain(), private_key).replace(b"drips", b"bursts")
    assert proof(changed, lookup) == (False, ProofReason.INVALID)
    two_authors = b"From: boss@customer.example\r\n" + signed(plain(), private_key)
    assert proof(two_authors, lookup) == (False, ProofReason.SEVERAL_AUTHORS)
    extended = signed(plain(), private_key, length=True)
    assert proof(extended, lookup) == (False, ProofReason.INVALID)


def test_an_unknown_key_and_a_silent_name_server(private_key: bytes, lookup: TxtLookup) -> None:
    unknown = signed(plain(sender="a@unknown.example"), private_key, "unknown.example")
    assert not proof(unknown, lookup)[0]
    silent = name_server("127.0.0.1:9")
    assert proof(signed(plain(), private_key), silent) == (False, ProofReason.KEY_UNAVAILABLE)


def test_one_good_signature_among_bad_ones_is_enough(private_key: bytes, lookup: TxtLookup) -> None:
    twice = signed(signed(plain(), private_key), private_key, "evil.example")
    assert proof(twice, lookup) == (True, ProofReason.ALIGNED)


def test_alignment_never_crosses_a_public_suffix() -> None:
    assert aligned("mail.shop.com.cn", "shop.com.cn")
    assert not aligned("com.cn", "shop.com.cn")
    assert not aligned("other.com.cn", "shop.com.cn")
    assert not aligned("a.github.io", "b.github.io")
