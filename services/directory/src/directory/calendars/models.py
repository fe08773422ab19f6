"""Versions of business calendars as rows."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Date, DateTime, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from careline.database import Base


class CalendarRow(Base):
    """One version of one calendar; the database lets nobody change it."""

    __tablename__ = "calendar_versions"

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    time_zone: Mapped[str] = mapped_column(Text)
    country: Mapped[str | None] = mapped_column(Text)
    weekly: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    own_closed_on: Mapped[list[date]] = mapped_column(ARRAY(Date))
    own_open_on: Mapped[list[date]] = mapped_column(ARRAY(Date))
    closed_on: Mapped[list[date]] = mapped_column(ARRAY(Date))
    open_on: Mapped[list[date]] = mapped_column(ARRAY(Date))
    known_through: Mapped[date | None] = mapped_column(Date)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
