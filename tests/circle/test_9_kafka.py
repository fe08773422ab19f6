"""At the end of all plays: what anybody can read on Kafka with the console consumer that comes with it."""

import json
import subprocess
from collections import Counter
from typing import Any

from careline_local.parts.jars import class_path
from careline_local.parts.java import java
from tests.circle.world import World

IDLE_MILLISECONDS = 3000
OCCASIONS = {"birthday", "mid_autumn", "great_cold", "three_months", "purchase_overdue", "warranty_ending"}


async def test_each_care_is_one_event_for_a_customer_an_occasion_and_a_year(world: World) -> None:
    """The plays before this one say what they saw given; run the whole folder."""
    assert {occasion for _, occasion, _ in world.given} == OCCASIONS
    # Solar, lunar, of a leap month, of 29 February, and those of the gates.
    assert len([occasion for _, occasion, _ in world.given if occasion == "birthday"]) >= 4

    due = Counter(
        (event["customer_id"], event["occasion"], event["occasion_key"]) for event in _events(world, "care.due")
    )

    assert {greeting: due[greeting] for greeting in world.given} == dict.fromkeys(world.given, 1)
    assert {greeting: times for greeting, times in due.items() if times > 1} == {}


def _events(world: World, kind: str) -> list[dict[str, Any]]:
    """The data of all events of a type, read by the stock consumer."""
    program = "org.apache.kafka.tools.consumer.ConsoleConsumer"
    kafka = world.stack.system.kafka.address
    options = ["--bootstrap-server", kafka, "--topic", "careline.care", "--from-beginning"]
    options += ["--timeout-ms", str(IDLE_MILLISECONDS)]
    command = [str(java()), "-Xmx128m", "-cp", class_path("kafka-tools"), program, *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert all(event["specversion"] == "1.0" for event in events)
    return [event["data"] for event in events if event["type"] == kind]
