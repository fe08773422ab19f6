"""What care says becomes a delivery once, however often and in whatever batches it comes."""

from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition

from careline.consumer import Consumer
from careline.ids import encode, new_id
from careline.wakeups import Wakeup
from interaction_router.deliveries import consumers

from ..factories import Router
from .test_slice import due_event


def record(raw: bytes) -> Any:
    return SimpleNamespace(value=raw, topic="care", offset=0)


@pytest.fixture
def arrived() -> Wakeup:
    return Wakeup()


@pytest.fixture
def consumer(router: Router, arrived: Wakeup) -> Consumer:
    many = consumers.handlers(router.clock, arrived)
    return Consumer(router.units.database, router.settings, group="care", topics=["care"], handlers={}, many=many)


async def test_a_flood_with_repetitions_is_as_many_deliveries_as_cares(
    router: Router, consumer: Consumer, arrived: Wakeup
) -> None:
    keys = [encode("car", new_id()) for _ in range(150)]
    events = [due_event(key) for key in keys]
    again = [due_event(key) for key in keys[:20]]
    for _ in range(2):
        await consumer._in_one_transaction([record(raw) for raw in [*events, *events[:10], *again]])
    assert await router.value("SELECT count(*) FROM deliveries") == 150
    assert await router.value("SELECT count(DISTINCT care_id) FROM deliveries") == 150
    assert await router.value("SELECT count(*) FROM inbox") == 170
    assert await arrived.wait(0.1)


async def test_one_that_cannot_be_read_spoils_no_other(router: Router, consumer: Consumer) -> None:
    good, bad = due_event(encode("car", new_id())), due_event(encode("car", new_id())).replace(b"mail", b"smoke")
    await consumer._handle(_Offsets(), {TopicPartition("care", 0): [record(good), record(bad), record(good)]})
    assert await router.value("SELECT count(*) FROM deliveries") == 1
    assert await router.value("SELECT count(*) FROM parked_events") == 1


class _Offsets:
    async def commit(self, offsets: object) -> None:
        """Kafka is not what is tested here."""
