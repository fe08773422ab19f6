"""Checks each hostile text as saving does, and prints the slowest and by how many bytes the process grew."""

import resource
import sys
from time import perf_counter

from hostile import REFUSED  # type: ignore[import-not-found]

from care_scheduler.templates.texts import FieldFault, Texts, check


def peak() -> int:
    """The largest resident size so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


check(Texts("Hello", "Dear {{ customer.name | default: 'friend' }},", None))
before, slowest = peak(), 0.0
for text in REFUSED:
    begun = perf_counter()
    try:
        check(Texts("Hello", text, None))
    except FieldFault:
        pass
    else:
        raise SystemExit(f"not refused: {text[:60]}")
    slowest = max(slowest, perf_counter() - begun)
sys.stdout.write(f"{slowest:.6f} {peak() - before}")
