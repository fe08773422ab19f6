"""Contents over HTTP: for the router alone, because they hold addresses and texts."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from care_scheduler.contents.schemas import Contents as ContentsList
from care_scheduler.contents.schemas import ContentsInput
from care_scheduler.contents.service import Contents
from careline.app import service_of
from careline.auth import Principal, requires
from careline.problems import problem_responses

router = APIRouter(prefix="/v1", tags=["contents"])
Sender = Annotated[Principal, requires("care:contents")]


@router.post("/contents", response_model=ContentsList, responses=problem_responses(401, 403))
async def read_contents(_: Sender, body: ContentsInput, request: Request) -> Response:
    """What to send for up to 500 care items, judged once more at this moment. Changes nothing."""
    contents: Contents = request.state.contents
    items = await contents.of(body.care_ids, service_of(request).business_clock.now())
    # Rendered here: a second validation of five hundred texts costs as much as judging them.
    return Response(ContentsList(items=items).model_dump_json(), media_type="application/json")
