"""The interfaces in docs/ are what the services print."""

import json
from importlib import import_module
from pathlib import Path

import pytest

from careline.events import EventCatalogue
from careline.server import document
from careline_local.documents import KINDS, document_path, settings_for
from careline_local.system.services import SERVICES, Description

EVERY_SERVICE = pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)


@EVERY_SERVICE
@pytest.mark.parametrize("kind", KINDS)
def test_the_committed_document_is_what_the_service_prints(
    service: Description, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings_for(service, tmp_path).items():
        monkeypatch.setenv(name, value)
    path = document_path(service, kind)
    assert path.exists(), "run `make docs`"
    program = import_module(f"{service.package}.__main__").PROGRAM
    assert path.read_text().rstrip() == document(program, kind), "run `make docs`"


def _catalogue(service: Description) -> EventCatalogue:
    catalogue: EventCatalogue = import_module(f"{service.package}.events").CATALOGUE
    return catalogue


@EVERY_SERVICE
def test_the_document_describes_each_event_of_the_catalogue(service: Description) -> None:
    document = json.loads(document_path(service, "asyncapi").read_text())
    messages = document["components"]["messages"]
    assert set(messages) == set(_catalogue(service).payloads)
    for name, message in messages.items():
        assert message["summary"], f"{name} says what happened"
        assert message["payload"]["properties"]["type"] == {"const": name}
