"""The open lines of visitors in this process."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

from interaction_router.channels.chat.schemas import Place

MAX_LINES_OF_A_CHAT = 12


@dataclass
class Lines:
    """Which chats have a line here, and what is shown on it without being kept: places in the queue, typing."""

    places: dict[UUID, Place] = field(default_factory=dict)
    typing: set[UUID] = field(default_factory=set)
    _open: defaultdict[UUID, int] = field(default_factory=lambda: defaultdict(int))

    @contextmanager
    def attach(self, interaction_id: UUID) -> Iterator[None]:
        """A line of this chat is open until the end of the block."""
        self._open[interaction_id] += 1
        try:
            yield
        finally:
            self._open[interaction_id] -= 1
            if not self._open[interaction_id]:
                del self._open[interaction_id]
                self.places.pop(interaction_id, None)

    def full(self, interaction_id: UUID) -> bool:
        """Whether a chat has more lines than anybody has windows."""
        return self._open.get(interaction_id, 0) >= MAX_LINES_OF_A_CHAT

    def watched(self) -> list[UUID]:
        """Every chat that has a line here."""
        return list(self._open)
