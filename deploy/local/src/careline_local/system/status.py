"""`python -m careline_local status`: what runs, and how much memory it takes.

Counted as proportional set size: a page that several processes share is divided among them, so that the
sum is what the machine really gives.
"""

import json
import os
from collections.abc import Sequence

import psutil

from careline_local import paths
from careline_local.system.folders import Folders

MEBIBYTE = 1024 * 1024


def main(arguments: Sequence[str]) -> int:
    """Print one line for each server and the sum; exit code 1 if nothing runs."""
    del arguments
    figures = memory(Folders(paths.STATE))
    if not figures:
        print("Careline does not run here.")
        return 1
    for name, size in figures.items():
        print(f"  {name:20} {size:7.1f} MiB")
    print(f"  {'sum (PSS)':20} {sum(figures.values()):7.1f} MiB")
    return 0


def memory(folders: Folders) -> dict[str, float]:
    """Mebibytes of proportional set size by server, the launcher among them."""
    found: dict[str, float] = {}
    launchers: set[int] = set()
    for record in sorted(folders.data.glob("**/process.json")):
        try:
            root = psutil.Process(json.loads(record.read_text())["pid"])
            launchers.add(root.ppid())
            found[record.parent.name] = sum(map(_proportional, [root, *root.children(recursive=True)]))
        except (psutil.Error, OSError, ValueError):
            continue
    for pid in launchers - {1, os.getpid()}:
        found["launcher"] = _proportional(psutil.Process(pid))
    return found


def _proportional(process: psutil.Process) -> float:
    try:
        return float(process.memory_full_info().pss) / MEBIBYTE
    except psutil.Error:
        return 0.0
