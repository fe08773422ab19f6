"""Decides who is behind a contact. A pure function: the identifiers, who has them, nothing else.

What only was claimed never joins, discloses or changes anything; what was proven does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from customer_profile.identifiers.normal import Normal
from customer_profile.identifiers.repository import Known

Match = Literal["verified", "claimed", "none"]
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """An identifier of the contact."""

    normal: Normal
    proven: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """Who it is, and what follows from it."""

    match: Match
    customer_id: UUID | None = None
    create: bool = False
    verify: tuple[UUID, ...] = ()
    attach: tuple[Wanted, ...] = ()


def decide(wanted: Sequence[Wanted], known: Mapping[Key, Known]) -> Decision:
    """Who has these identifiers. Two known customers are never joined here; the first proven one is it."""
    proven = [item for item in wanted if item.proven]
    unseen = tuple(item for item in wanted if item.normal.key not in known)
    owners = [known[item.normal.key] for item in proven if item.normal.key in known]
    owner = next((held for held in owners if held.state == "verified"), None) or next(
        (held for held in owners if _proof_settles(held)), None
    )
    if owner is not None:
        verify = tuple(held.id for held in owners if held.customer_id == owner.customer_id and held.state == "claimed")
        return Decision("verified", owner.customer_id, verify=verify, attach=unseen)
    if any(item.proven for item in unseen):
        return Decision("verified", create=True, attach=unseen)
    claimed = next((known[item.normal.key] for item in wanted if item.normal.key in known), None)
    if claimed is not None:
        return Decision("claimed", claimed.customer_id)
    return Decision("claimed", create=True, attach=unseen) if unseen else Decision("none")


def _proof_settles(held: Known) -> bool:
    """Whether proving a claimed identifier shows that the prover is the customer who has it.

    Not if an unknown contact put it on the record of somebody who is verified by other means: that would let
    anybody who types a stranger's address into their own record receive the stranger.
    """
    return held.source != "contact" or not held.customer_has_verified
