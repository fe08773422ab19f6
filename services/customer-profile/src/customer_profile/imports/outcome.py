"""What became of the rows of a chunk."""

from dataclasses import dataclass, field

from customer_profile.imports.rows import Checked, Fault


@dataclass(slots=True)
class Outcome:
    """Counts of rows, and the faults of those that were not taken."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def failed(self) -> int:
        """How many rows were not taken; a row may have several faults."""
        return len({fault.row for fault in self.faults})

    def refuse(self, row: Checked, place: str, rule: str, value: str, hint: str) -> None:
        """Do not take `row`."""
        self.faults.append(Fault(row.row, place, rule, value[:200], hint))


class RefusedError(Exception):
    """A row cannot be taken."""

    def __init__(self, place: str, rule: str, value: str, hint: str) -> None:
        super().__init__(rule)
        self.reason = (place, rule, value, hint)


class RaceLostError(Exception):
    """Somebody else has just added what the chunk was about to add: look again."""
