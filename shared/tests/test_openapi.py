"""What OpenAPI says of refusals."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel

from careline.app import Parts, create_service
from careline.auth import Principal, requires
from careline.problems import problem_responses
from careline.settings import ServiceSettings

from .things import CATALOGUE


class OtherRefusal(BaseModel):
    error: str


router = APIRouter()


@router.get("/usual", responses=problem_responses(404))
async def usual() -> None:
    """Refuses with a problem document."""


@router.get("/other", responses={400: {"model": OtherRefusal}})
async def other() -> None:
    """Refuses in another protocol's words."""


def _responses(settings: ServiceSettings, path: str) -> dict[str, Any]:
    document = create_service(settings, Parts(title="Things", routers=[router], catalogue=CATALOGUE)).openapi()
    responses: dict[str, Any] = document["paths"][path]["get"]["responses"]
    return responses


@router.get("/secured")
async def secured(principal: Annotated[Principal, requires("things:read")]) -> None:
    """Asks for a scope."""


class TestWhoMayAsk:
    def test_the_scope_is_told(self, settings: ServiceSettings) -> None:
        document = create_service(settings, Parts(title="Things", routers=[router], catalogue=CATALOGUE)).openapi()
        operation = document["paths"]["/secured"]["get"]
        assert operation["security"] == [{"careline": ["things:read"]}]
        assert {"401", "403"} <= operation["responses"].keys()
        assert "security" not in document["paths"]["/usual"]["get"]


class TestRefusals:
    def test_they_are_problem_documents(self, settings: ServiceSettings) -> None:
        assert list(_responses(settings, "/usual")["404"]["content"]) == ["application/problem+json"]

    def test_unless_the_endpoint_says_otherwise(self, settings: ServiceSettings) -> None:
        responses = _responses(settings, "/other")

        schema = responses["400"]["content"]["application/json"]["schema"]
        assert schema == {"$ref": "#/components/schemas/OtherRefusal"}
        assert list(responses["503"]["content"]) == ["application/problem+json"]
