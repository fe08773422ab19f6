"""What a checker finds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken promise."""

    rule: str
    detail: str

    def __str__(self) -> str:
        """For the report."""
        return f"{self.rule}: {self.detail}"
