"""Prepared answers, and the outcomes that close an interaction."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from careline.auth import Principal, requires
from careline.database import ReadConnectionDep
from careline.ids import encode, new_id
from careline.problems import NotFound, problem_responses
from interaction_router.desk.endpoints import SCOPE
from interaction_router.events import Channel
from interaction_router.ids import TemplateId
from interaction_router.interactions.access import visible
from interaction_router.interactions.rows import Row
from interaction_router.templates.initials import initials_of
from interaction_router.templates.rendering import render, variables_of
from interaction_router.templates.schemas import (
    Disposition,
    DispositionInput,
    Label,
    Rendering,
    RenderingInput,
    Template,
    TemplateInput,
)
from interaction_router.unit import UnitDep

router = APIRouter(prefix="/v1", tags=["templates"], responses=problem_responses(401, 403))
Reader = Annotated[Principal, requires(SCOPE)]
RoutingWriter = Annotated[Principal, requires("routing:write")]
Key = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]

_PUT = """
INSERT INTO templates (id, key, title, body, language, channel) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (key) DO UPDATE SET title = excluded.title, body = excluded.body, language = excluded.language,
    channel = excluded.channel
RETURNING *
"""
_SEARCH = """
SELECT * FROM templates
WHERE ($1::text IS NULL OR channel IS NULL OR channel = $1)
  AND ($2::text IS NULL OR title ILIKE $2 OR body ILIKE $2 OR key ILIKE $2)
ORDER BY title, id LIMIT 100
"""
_PUT_DISPOSITION = """
INSERT INTO dispositions (code, label_zh, label_en, active, channel) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (code) DO UPDATE SET label_zh = excluded.label_zh, label_en = excluded.label_en, active = excluded.active,
    channel = excluded.channel
"""


@router.get("/templates")
async def list_templates(
    _: Reader,
    connection: ReadConnectionDep,
    channel: Channel | None = None,
    q: Annotated[str, Query(max_length=100)] = "",
) -> list[Template]:
    """Prepared answers for a channel that hold a text."""
    pattern = "%" + q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%" if q else None
    return [_template(row) for row in await connection.fetch(_SEARCH, channel, pattern)]


@router.put("/templates/{key}")
async def put_template(key: Key, body: TemplateInput, unit: UnitDep, _: RoutingWriter) -> Template:
    """Create or replace a prepared answer."""
    variables_of(body.body)
    row = await unit.connection.fetchrow(_PUT, new_id(), key, body.title, body.body, body.language, body.channel)
    if row is None:
        raise LookupError(key)
    return _template(row)


@router.post("/templates/{template_id}/rendering", responses=problem_responses(404))
async def render_template(
    template_id: TemplateId, body: RenderingInput, principal: Reader, connection: ReadConnectionDep
) -> Rendering:
    """A prepared answer filled in for one interaction."""
    template = await connection.fetchrow("SELECT body FROM templates WHERE id = $1", template_id)
    if template is None:
        raise NotFound("template", encode("tpl", template_id))
    row = await visible(connection, body.interaction_id, principal)
    facts = {
        "customer": {"name": row["customer_name"], "tier": row["tier"]},
        "agent": {"name": principal.name},
        "interaction": {"id": encode("int", row["id"]), "subject": row["subject"]},
        "queue": {"name": row["queue_name"]},
    }
    return render(template["body"], facts)


@router.get("/dispositions")
async def list_dispositions(_: Reader, connection: ReadConnectionDep) -> list[Disposition]:
    """The outcomes that may close an interaction."""
    rows = await connection.fetch("SELECT * FROM dispositions WHERE active ORDER BY code")
    return [_disposition(row["code"], row["label_zh"], row["label_en"], row["channel"]) for row in rows]


@router.put("/dispositions/{code}")
async def put_disposition(code: Key, body: DispositionInput, unit: UnitDep, _: RoutingWriter) -> Disposition:
    """Create or replace an outcome."""
    label = body.label
    await unit.connection.execute(_PUT_DISPOSITION, code, label.zh_cn, label.en, body.active, body.channel)
    return _disposition(code, label.zh_cn, label.en, body.channel)


def _disposition(code: str, zh_cn: str, en: str, channel: Channel | None) -> Disposition:
    return Disposition(code=code, label=Label(zh_cn=zh_cn, en=en), channel=channel)


def _template(row: Row) -> Template:
    return Template(**dict(row), initials=initials_of(row["title"]), variables=variables_of(row["body"]))
