"""Whether this process may judge who is gone: while we were away ourselves, nobody's lease could be renewed."""

from dataclasses import dataclass

# Longer than between two looks of a healthy process.
BLIND_SECONDS = 3.0


@dataclass
class Sight:
    """Looks that follow one another closely. After a start, a freeze or an outage the pages get time to come back."""

    return_seconds: float
    _looked_at: float | None = None
    _since: float = 0.0

    def look(self, now: float) -> bool:
        """Begin a look at monotonic time `now`; whether looks have gone on for long enough to judge."""
        if self._looked_at is None or now - self._looked_at > BLIND_SECONDS:
            self._since = now
        self._looked_at = now
        return now - self._since >= self.return_seconds

    def looked(self, now: float) -> None:
        """The look is over; its own work is no blindness."""
        self._looked_at = now
