"""No service waits for an event that nobody emits, or on a topic on which it is not said."""

from importlib import import_module

import pytest

from careline.consumer import Consumer
from careline.events import EventCatalogue
from careline_local.system.services import SERVICES

from .rights import Serving

EVERY_SERVICE = pytest.mark.parametrize("description", SERVICES, ids=lambda description: description.name)


def _topics() -> dict[str, str]:
    """The topic of every event type that any service emits."""
    found: dict[str, str] = {}
    for service in SERVICES:
        catalogue: EventCatalogue = import_module(f"{service.package}.events").CATALOGUE
        found |= {name: payload.aggregate_type for name, payload in catalogue.payloads.items()}
    return found


@EVERY_SERVICE
async def test_every_event_that_is_consumed_is_emitted_on_a_topic_that_is_read(served: Serving) -> None:
    topics = _topics()
    consumers: list[Consumer] = served.app.state.consumers
    assert any(consumer.event_types for consumer in consumers)
    for consumer in consumers:
        assert {
            name: topics.get(name) for name in consumer.event_types if topics.get(name) not in consumer.topics
        } == {}
        assert consumer.topics == {topics[name] for name in consumer.event_types}, "a topic is read for nothing"
