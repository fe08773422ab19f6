"""The table that a person reads, and what is behind a red line of it."""

from collections import Counter

from tests.faults.run import Result

SHOWN_VIOLATIONS = 8
_HEAD = f"{'fault':50} {'first write s':>13} {'first effect s':>14} {'no decider s':>12}"


def head() -> str:
    """The first lines."""
    return f"Seconds count from the kill or the SIGCONT.\n\n{_HEAD}\n{'-' * len(_HEAD)}"


def lines(result: Result, *, shown: int = SHOWN_VIOLATIONS) -> str:
    """One line for each fault of a run, then what its history says, and violations below."""
    told = [
        f"{each.name:50} {_seconds(each.write_seconds):>13} {_seconds(each.effect_seconds):>14} "
        f"{_seconds(each.decider_seconds):>12}"
        for each in result.recoveries
    ]
    history = result.history
    outcomes = f"{history.count('ok')} ok, {history.count('unknown')} unknown, {history.count('refused')} refused"
    if not result.violations:
        return "\n".join([*told, f"    green: {outcomes}, {result.seconds:.0f} s"])
    rules = ", ".join(f"{rule} {times}" for rule, times in Counter(v.rule for v in result.violations).items())
    details = [f"      {violation}" for violation in result.violations[:shown]]
    return "\n".join([*told, f"    RED ({rules}): {outcomes}, {result.seconds:.0f} s", *details])


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"
