"""Invitations over HTTP: the link's page (public), and the agent on the phone."""

from typing import Annotated, cast

from fastapi import APIRouter, Depends, Request, Response
from starlette.requests import HTTPConnection

from careline.app import service_of
from careline.auth import Principal, requires
from careline.database import ReadConnectionDep
from careline.pagination import Limit, Page
from careline.problems import problem_responses
from feedback.answers.schemas import AnswersInput, Taken
from feedback.answers.service import Answering
from feedback.context import WorkDep
from feedback.ids import CustomerId, InvitationId
from feedback.invitations import service
from feedback.invitations.access import Token, by_token, existing_invitation
from feedback.invitations.schemas import (
    Attempt,
    AttemptInput,
    Invitation,
    InvitationDetail,
    PhoneScript,
    PublicInvitation,
    State,
)

public = APIRouter(prefix="/v1/invitations/by-token", tags=["survey links"], responses=problem_responses(404, 429))
router = APIRouter(prefix="/v1/invitations", tags=["invitations"])
Reader = Annotated[Principal, requires("surveys:read")]
Agent = Annotated[Principal, requires("desk:use")]


def answering_of(http: HTTPConnection) -> Answering:
    """What takes answers in the running service."""
    return cast("Answering", http.state.answering)


async def _answering(http: HTTPConnection) -> Answering:
    return answering_of(http)


AnsweringDep = Annotated[Answering, Depends(_answering)]


@public.get("/{token}")
async def read_survey_link(
    token: Token, http: Request, answering: AnsweringDep, connection: ReadConnectionDep
) -> PublicInvitation:
    """What the page of a link shows. Reading changes nothing."""
    return await service.public(connection, answering, await by_token(http, token))


@public.post("/{token}/answers", status_code=201, response_model=Taken, responses=problem_responses(409))
async def answer_by_link(token: Token, body: AnswersInput, http: Request) -> Response:
    """Answer, once. A second answer, by whatever way, is refused as `already-answered`."""
    taken = await answering_of(http).by_customer(await by_token(http, token), body.answers, "link")
    return Response(taken.model_dump_json(), 201, media_type="application/json")


@router.get("", responses=problem_responses(401, 403))
async def list_invitations(
    _: Reader,
    connection: ReadConnectionDep,
    customer_id: CustomerId | None = None,
    state: State | None = None,
    cursor: str | None = None,
    limit: Limit = 50,
) -> Page[Invitation]:
    """Invitations, newest first."""
    return await service.page(connection, customer_id, state, cursor, limit)


@router.get("/{invitation_id}", responses=problem_responses(401, 403, 404))
async def read_invitation(invitation_id: InvitationId, _: Reader, connection: ReadConnectionDep) -> InvitationDetail:
    """An invitation, the tries to ask on the phone, and the answer."""
    return await service.detail(connection, await existing_invitation(connection, invitation_id))


@router.get("/{invitation_id}/script", responses=problem_responses(401, 403, 404))
async def read_script(
    invitation_id: InvitationId, _: Agent, answering: AnsweringDep, connection: ReadConnectionDep
) -> PhoneScript:
    """What to ask on the phone, and where each answer leads."""
    invitation = await existing_invitation(connection, invitation_id)
    return await service.phone_script(connection, answering, invitation)


@router.post("/{invitation_id}/attempts", status_code=201, responses=problem_responses(401, 403, 404, 409))
async def record_attempt(invitation_id: InvitationId, principal: Agent, body: AttemptInput, work: WorkDep) -> Attempt:
    """Record a try to ask on the phone; five at the most."""
    return await service.attempt(work, invitation_id, body, principal.subject)


@router.post("/{invitation_id}/answers", status_code=201, responses=problem_responses(401, 403, 404, 409))
async def answer_on_the_phone(
    invitation_id: InvitationId,
    principal: Agent,
    body: AnswersInput,
    answering: AnsweringDep,
    http: HTTPConnection,
) -> Taken:
    """Record what the customer answered on the phone, once."""
    async with service_of(http).database.read_raw() as connection:
        invitation = await existing_invitation(connection, invitation_id)
    return await answering.by_customer(invitation, body.answers, "phone", principal.subject)
