"""Loads demo data into a running system, unless DEMO=0 asks for an empty one."""

import os

from careline_local.demo import load
from careline_local.parts.base import PartError
from careline_local.system.system import System

VARIABLE = "DEMO"


def load_demo(system: System) -> None:
    """Call the loader, which does nothing the second time."""
    wanted = os.environ.get(VARIABLE, "1")
    if wanted not in {"0", "1"}:
        raise PartError(f"{VARIABLE} must be 1 (demo data) or 0 (start empty), not {wanted!r}.")
    if wanted == "1":
        with system.progress.step("Demo data are loaded"):
            load(system)
