"""Households over HTTP."""

from typing import Annotated

from fastapi import APIRouter

from careline.auth import Principal, requires
from careline.database import ReadConnection, ReadConnectionDep, WriteConnection
from careline.ids import encode, new_id
from careline.problems import InvalidInput, NotFound, problem_responses
from customer_profile.context import WorkDep
from customer_profile.households import repository
from customer_profile.households.schemas import Household, HouseholdInput
from customer_profile.ids import HouseholdId

router = APIRouter(prefix="/v1/households", tags=["households"])
Reader = Annotated[Principal, requires("profile:read")]
Writer = Annotated[Principal, requires("profile:write")]


@router.post("", status_code=201, responses=problem_responses(401, 403))
async def register_household(_: Writer, body: HouseholdInput, work: WorkDep) -> Household:
    """Register people who live together."""
    ids = [member.customer_id for member in body.members]
    if len(set(ids)) < len(ids):
        raise InvalidInput("members", "repeated", "Name each customer once.")
    household_id = new_id()
    added = await repository.insert(work.connection, household_id, body, work.now)
    for position, id_ in enumerate(ids):
        if id_ not in added:
            raise InvalidInput(f"members.{position}.customer_id", "unknown customer", "Register the customer first.")
    return await _household(work.connection, household_id)


@router.get("/{household_id}", responses=problem_responses(401, 403, 404))
async def read_household(household_id: HouseholdId, _: Reader, connection: ReadConnectionDep) -> Household:
    """A household and its members."""
    return await _household(connection, household_id)


async def _household(connection: ReadConnection | WriteConnection, household_id: HouseholdId) -> Household:
    found = await repository.find(connection, household_id)
    if found is None:
        raise NotFound("household", encode("hou", household_id))
    return Household(**found)
