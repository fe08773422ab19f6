"""The interfaces in docs/ are what the services print, and no service waits for an event that nobody emits."""

import json
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pytest

from careline.events import EventCatalogue
from careline_local.documents import KINDS, document_path, printed
from careline_local.system.services import SERVICES, Description

EVERY_SERVICE = pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)


@EVERY_SERVICE
@pytest.mark.parametrize("kind", KINDS)
def test_the_committed_document_is_what_the_service_prints(service: Description, kind: str) -> None:
    path = document_path(service, kind)
    assert path.exists(), "run `make docs`"
    assert json.loads(path.read_text()) == json.loads(printed(service, kind)), "run `make docs`"


def _catalogue(service: Description) -> EventCatalogue:
    catalogue: EventCatalogue = import_module(f"{service.package}.events").CATALOGUE
    return catalogue


def _consumed(service: Description) -> set[str]:
    """The event types that a service has handlers for; making the handlers asks nothing of the running service."""
    name = f"{service.package}.consumers"
    if find_spec(name) is None:
        return set()
    unused: Any = None
    return set(import_module(name).handlers(unused))


@EVERY_SERVICE
def test_every_event_that_is_consumed_is_emitted_by_another_service(service: Description) -> None:
    emitted = {name for other in SERVICES if other != service for name in _catalogue(other).payloads}
    assert _consumed(service) <= emitted


def test_events_are_consumed_at_all() -> None:
    assert len(set().union(*(_consumed(service) for service in SERVICES))) >= 5


@EVERY_SERVICE
def test_the_document_describes_each_event_of_the_catalogue(service: Description) -> None:
    document = json.loads(document_path(service, "asyncapi").read_text())
    messages = document["components"]["messages"]
    assert set(messages) == set(_catalogue(service).payloads)
    for name, message in messages.items():
        assert message["summary"], f"{name} says what happened"
        assert message["payload"]["properties"]["type"] == {"const": name}
