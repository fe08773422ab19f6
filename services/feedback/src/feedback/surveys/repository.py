"""Statements on surveys."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import asyncpg

from careline.database import ReadConnection, WriteConnection

if TYPE_CHECKING:
    from feedback.surveys.schemas import Survey

_COLUMNS = "key, version, title, introduction, questions, created_at, created_by"
_VERSION = f"SELECT {_COLUMNS} FROM surveys WHERE key = $1 AND version = $2"  # noqa: S608 -- our own column names
NEWEST = f"SELECT {_COLUMNS} FROM surveys WHERE key = $1 ORDER BY version DESC LIMIT 1"  # noqa: S608
_ALL_NEWEST = "SELECT DISTINCT ON (key) key, version, title, created_at FROM surveys ORDER BY key, version DESC"
_INSERT = """
INSERT INTO surveys (key, version, title, introduction, questions, created_at, created_by)
VALUES ($1, $2, $3::jsonb, $4::jsonb, $5::jsonb, $6, $7)
"""


async def version(connection: ReadConnection | WriteConnection, key: str, number: int) -> asyncpg.Record | None:
    """One version of a survey."""
    return await connection.fetchrow(_VERSION, key, number)


async def newest(connection: ReadConnection | WriteConnection, key: str) -> asyncpg.Record | None:
    """The newest version of a survey."""
    return await connection.fetchrow(NEWEST, key)


async def all_newest(connection: ReadConnection) -> list[asyncpg.Record]:
    """The newest version of every survey, by key."""
    return await connection.fetch(_ALL_NEWEST)


async def insert(connection: WriteConnection, survey: Survey) -> None:
    """Keep a version; UniqueViolationError if somebody else has just taken its number."""
    dumped = survey.model_dump(mode="json")
    texts = [json.dumps(dumped[name], ensure_ascii=False) for name in ("title", "introduction", "questions")]
    await connection.execute(_INSERT, survey.key, survey.version, *texts, survey.created_at, survey.created_by)
