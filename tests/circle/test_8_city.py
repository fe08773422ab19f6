"""`make demo`: the city lives against the running system; work is taken and closed, and nobody does anything wrong."""

import json
import os
import subprocess
import sys
from typing import Any

from careline_local import paths
from careline_local.system.addresses import variable
from tests.circle.city import SPEED
from tests.circle.world import World

# Signing in and settling take some of it.
PLAYS_SECONDS = 20
# Somebody else was quicker, it is over, or it is too much: what happens among people.
NATURAL = {409, 410, 429}
# Everything of the city comes out of its chance, which is the same in every run; how fast the machine is, is not.
FEWEST_CLOSED = 1


async def test_the_city_lives(world: World) -> None:
    before = world.now()
    said = _played(world)

    assert said["done"]["accepted"] >= FEWEST_CLOSED, said
    assert said["done"]["closed"] >= FEWEST_CLOSED, said
    assert [told for status, told in said["refused"] if status not in NATURAL] == []
    assert (world.now() - before).total_seconds() > PLAYS_SECONDS * SPEED / 10, "business time goes on by itself"


def _played(world: World) -> dict[str, Any]:
    system = world.stack.system
    ports = {variable(name): str(port) for name, port in system.addresses.ports.items()}
    command = [sys.executable, "-m", "tests.circle.city", str(system.folders.root), str(PLAYS_SECONDS)]
    done = subprocess.run(
        command, cwd=paths.CHECKOUT, env=os.environ | ports, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stderr
    # What ended a life, and was begun anew, is told here.
    assert done.stderr == ""
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said
