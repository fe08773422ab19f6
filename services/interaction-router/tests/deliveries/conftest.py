from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from careline.clients import ServiceClient
from careline_local.testing.databases import ServiceDatabase
from interaction_router.deliveries.contents import Contents
from interaction_router.deliveries.office import Office
from interaction_router.settings import RouterSettings

from ..factories import Router, make_settings
from . import care as care_service
from .care import Care

ADDRESS = "care@careline.example"


@pytest.fixture
async def care() -> AsyncIterator[Care]:
    async with care_service.serve() as care:
        yield care


@pytest.fixture
def settings(service_database: Callable[[str], ServiceDatabase], tmp_path: Path, care: Care) -> RouterSettings:
    """Nothing runs by itself: `care_url` is not set."""
    return make_settings(
        service_database("interaction_router").url,
        tmp_path,
        mail_address=ADDRESS,
        token_url=f"{care.url}/oauth/token",
        client_id="interaction-router",
        client_secret="secret",
    )


@pytest.fixture
async def office(router: Router, care: Care) -> AsyncIterator[Office]:
    contents = Contents(ServiceClient(router.settings, care.url))
    yield Office(router.units, contents)
    await contents.close()
