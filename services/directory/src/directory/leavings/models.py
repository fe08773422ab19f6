"""Leavings as rows."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from careline.database import Base


class AcknowledgementRow(Base):
    """One service's word that nothing of the leaver's is left with it, and what it has passed on."""

    __tablename__ = "leaving_acknowledgements"

    leaving_id: Mapped[UUID] = mapped_column(ForeignKey("leavings.id"), primary_key=True)
    service: Mapped[str] = mapped_column(Text, primary_key=True)
    moved: Mapped[dict[str, int]] = mapped_column(JSONB)
    acknowledged_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class LeavingRow(Base):
    """One person's leaving."""

    __tablename__ = "leavings"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"), unique=True)
    successor_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    note: Mapped[str | None] = mapped_column(Text)
    began_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    left_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    acknowledgements: Mapped[list[AcknowledgementRow]] = relationship(
        lazy="selectin", order_by=AcknowledgementRow.acknowledged_at
    )

    @property
    def state(self) -> str:
        """Leaving → left."""
        return "leaving" if self.left_at is None else "left"
