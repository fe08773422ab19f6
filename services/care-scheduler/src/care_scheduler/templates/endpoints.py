"""Templates over HTTP."""

from typing import Annotated, cast
from uuid import UUID

import httpx
from fastapi import APIRouter, Path, Request, Response

from care_scheduler.contents.rendering import values_for
from care_scheduler.gates.model import Facts, Item
from care_scheduler.gates.profile import Profile
from care_scheduler.settings import Settings
from care_scheduler.templates import repository, service
from care_scheduler.templates.schemas import Preview, PreviewInput, Template, TemplateInput, TemplateList
from care_scheduler.templates.texts import Texts
from care_scheduler.templates.values import ALL, sample
from care_scheduler.versions import IfMatch, etag
from careline.app import service_of
from careline.auth import Principal, requires
from careline.database import ReadConnectionDep, WriteConnectionDep, database_of
from careline.ids import encode, new_id
from careline.problems import NotFound, Unavailable, problem_responses

router = APIRouter(prefix="/v1/templates", tags=["templates"], responses=problem_responses(401, 403))
Reader = Annotated[Principal, requires("care:read")]
Writer = Annotated[Principal, requires("care:write")]
Key = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,63}$")]


@router.get("")
async def list_templates(_: Reader, connection: ReadConnectionDep) -> TemplateList:
    """All templates, and the values that one may ask for."""
    rows = await repository.newest(connection)
    return TemplateList(items=[service.shown(row) for row in rows], known_values=sorted(ALL))


@router.get("/{key}", responses=problem_responses(404))
async def read_template(key: Key, _: Reader, connection: ReadConnectionDep, response: Response) -> Template:
    """One template; the ETag is needed to change it."""
    template = await service.read(connection, key)
    response.headers["ETag"] = etag(template.version)
    return template


@router.put("/{key}", responses=problem_responses(412, 428))
async def put_template(
    key: Key,
    body: TemplateInput,
    principal: Writer,
    connection: WriteConnectionDep,
    request: Request,
    response: Response,
    if_match: IfMatch = None,
) -> Template:
    """Save a template as a new version. What could not be sent to some customer is refused, with the place and why."""
    now = service_of(request).business_clock.now()
    template = await service.save(connection, key, body, if_match, principal.subject, now)
    response.headers["ETag"] = etag(template.version)
    return template


@router.post("/{key}/preview", responses=problem_responses(404, 503))
async def preview_template(key: Key, body: PreviewInput, _: Writer, request: Request) -> Preview:
    """The template as a customer would read it; with unsaved texts, before they are saved."""
    async with database_of(request).read_raw() as connection:
        template = await service.read(connection, key)
    wanted = body.language or "zh-CN"
    languages = {name: Texts(it.subject, it.text, it.script) for name, it in template.languages.items()}
    if body.texts is not None:
        service.checked(Texts(**body.texts.model_dump()), ALL, "texts")
        languages = {wanted: Texts(**body.texts.model_dump())}
    values = sample(tier="regular", without=frozenset())
    if body.customer_id is not None:
        facts = await _facts(request, body.customer_id)
        wanted = body.language or facts.language
        now = service_of(request).business_clock.now()
        item = Item(new_id(), body.customer_id, "", "", "marketing", None, now, now)
        known = values_for(item, facts, None, cast("Settings", service_of(request).settings).company_name)
        # What only the occasion knows is made up.
        values |= {name: value for name, value in known.items() if name != "product"}
    return service.preview(languages, wanted, values)


async def _facts(request: Request, customer_id: UUID) -> Facts:
    profile: Profile = request.state.profile
    try:
        found = await profile.facts([customer_id])
    except httpx.HTTPError:
        raise Unavailable("The profile cannot be asked for this customer. Try again.") from None
    if customer_id not in found:
        raise NotFound("customer", encode("cus", customer_id))
    return found[customer_id]
