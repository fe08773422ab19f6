"""Who tells what about which kind of reference: the prefix of the id says whose it is."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from uuid import UUID

from careline.ids import decode
from careline.problems import InvalidInput
from feedback.contents.schemas import Content
from feedback.context import Look

Teller = Callable[[Look, Sequence[UUID]], Awaitable[list[Content]]]
Tellers = Mapping[str, Teller]
"""Prefix of an id → what is told of the things with such ids. What is over is left out."""


async def tell(tellers: Tellers, look: Look, references: Sequence[str]) -> list[Content]:
    """What is to be said about each reference; InvalidInput for a kind that is not ours."""
    by_prefix: dict[str, list[UUID]] = defaultdict(list)
    for place, reference in enumerate(references):
        prefix = reference.partition("_")[0]
        try:
            by_prefix[prefix].append(decode(prefix, reference))
        except ValueError as fault:
            raise InvalidInput(f"references.{place}", "no id", str(fault)) from None
        if prefix not in tellers:
            raise InvalidInput(f"references.{place}", "not ours", f"Give ids that begin with {', '.join(tellers)}.")
    return [content for prefix, ids in by_prefix.items() for content in await tellers[prefix](look, ids)]
