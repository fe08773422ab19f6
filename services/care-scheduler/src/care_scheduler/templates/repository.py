"""Statements on templates. A change is a new version; what was sent can be traced to the texts as they were."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from careline.database import ReadConnection, WriteConnection

_NEWEST = """
SELECT t.key, t.version, v.languages, v.changed_by, v.changed_at,
       coalesce((SELECT array_agg(used.tier || '/' || used.occasion ORDER BY used.tier, used.occasion) FROM (
           SELECT DISTINCT ON (tier, occasion) tier, occasion, template_key FROM matrix_cells
           ORDER BY tier, occasion, version DESC) used
        WHERE used.template_key = t.key), '{}') AS used_by
FROM templates t JOIN template_versions v ON v.key = t.key AND v.version = t.version
WHERE $1::text IS NULL OR t.key = $1
ORDER BY t.key
"""
_LOCK = "SELECT version FROM templates WHERE key = $1 FOR UPDATE"
_FIRST = "INSERT INTO templates (key, version) VALUES ($1, 1) ON CONFLICT DO NOTHING RETURNING version"
_NEXT = "UPDATE templates SET version = version + 1 WHERE key = $1 RETURNING version"
_KEEP = """
INSERT INTO template_versions (key, version, languages, changed_by, changed_at) VALUES ($1, $2, $3::jsonb, $4, $5)
"""


async def newest(connection: ReadConnection | WriteConnection, key: str | None = None) -> Sequence[Any]:
    """The newest version of all templates, or of one."""
    return await connection.fetch(_NEWEST, key)


async def locked_version(connection: WriteConnection, key: str) -> int | None:
    """The version of a template, held against others who change it; None if there is no such template."""
    version: int | None = await connection.fetchval(_LOCK, key)
    return version


async def keep(
    connection: WriteConnection, key: str, languages: dict[str, Any], by: str, now: datetime, *, new: bool
) -> int | None:
    """Keep the texts as the next version; None if a new key is no longer new."""
    version: int | None = await connection.fetchval(_FIRST if new else _NEXT, key)
    if version is not None:
        await connection.execute(_KEEP, key, version, json.dumps(languages, ensure_ascii=False), by, now)
    return version
