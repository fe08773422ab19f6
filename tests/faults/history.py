"""What the clients asked for and what they were told."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal[
    "purchase",
    "interaction",
    "person",
    "closure",
    "complaint",
    "offer",
    "handover",
    "customer",
    "birthday",
    "answer",
    "refusal",
]
Outcome = Literal["running", "ok", "refused", "unknown"]


@dataclass(slots=True)
class Operation:
    """One write that a client wanted once, however often it had to ask for it."""

    kind: Kind
    name: str
    """What the client calls it: external id and Idempotency-Key, login, or the id of what it is done to."""
    begun_at: float
    content: str = ""
    """What must be stored with it."""
    outcome: Outcome = "running"
    ended_at: float | None = None
    answer: str | None = None
    """The id that the server gave it."""
    attempts: int = 0
    told: str = ""
    """The last thing that the client heard, for whoever reads a red report."""


@dataclass
class History:
    """All operations of one run. `tag` begins the name of each, so that runs do not mix."""

    tag: str
    operations: dict[tuple[Kind, str], Operation] = field(default_factory=dict)

    def begin(self, kind: Kind, name: str, content: str = "") -> Operation:
        """A client is about to ask."""
        operation = Operation(kind, name, time.time(), content)
        self.operations[kind, name] = operation
        return operation

    def end(self, operation: Operation, outcome: Outcome, *, answer: str | None = None) -> None:
        """The client knows how it ended, or gives up."""
        operation.outcome = outcome
        operation.ended_at = time.time()
        operation.answer = answer

    def of(self, kind: Kind, *outcomes: Outcome) -> Iterator[Operation]:
        """The operations of a kind that ended so, or all."""
        for operation in self.operations.values():
            if operation.kind == kind and (not outcomes or operation.outcome in outcomes):
                yield operation

    def first_ok_after(self, moment: float, kinds: tuple[Kind, ...]) -> float | None:
        """When the first write that was begun after `moment` was acknowledged."""
        ends = [
            operation.ended_at
            for operation in self.operations.values()
            if operation.kind in kinds
            and operation.outcome == "ok"
            and operation.ended_at is not None
            and operation.begun_at >= moment
        ]
        return min(ends, default=None)

    def count(self, outcome: Outcome) -> int:
        """How many ended so."""
        return sum(operation.outcome == outcome for operation in self.operations.values())
