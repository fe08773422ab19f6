"""People as rows."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKey, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from careline.database import Base


class PersonRow(Base):
    """One person; `version` counts the changes and numbers the events."""

    __tablename__ = "people"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    locale: Mapped[str] = mapped_column(Text)
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    password_hash: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(BigInteger)
    registered_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    department_id: Mapped[UUID | None] = mapped_column(ForeignKey("departments.id"))
    # When the leaving began: from then on nobody signs in as this person.
    deactivated_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    # When nothing was the person's any more.
    left_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    @property
    def active(self) -> bool:
        """Whether the person works here and is not leaving."""
        return self.deactivated_at is None

    @property
    def state(self) -> str:
        """Active → leaving → left."""
        if self.deactivated_at is None:
            return "active"
        return "leaving" if self.left_at is None else "left"
