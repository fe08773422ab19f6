"""The table that a person reads, and what is behind a red line of it."""

from collections import Counter

from tests.faults.run import Result

SHOWN_VIOLATIONS = 8
_HEAD = f"{'fault':46} {'ok':>6} {'unkn.':>6} {'refus.':>6} {'write s':>8} {'effect s':>8} {'decider s':>9}  verdict"


def head() -> str:
    """The first line."""
    return f"{_HEAD}\n{'-' * len(_HEAD)}"


def line(result: Result, *, wanted_red: bool = False) -> str:
    """One line for a run, and its violations below."""
    history = result.history
    figures = (
        f"{result.name[:46]:46} {history.count('ok'):6} {history.count('unknown'):6} {history.count('refused'):6} "
        f"{_seconds(result.write_seconds):>8} {_seconds(result.effect_seconds):>8} "
        f"{_seconds(result.decider_seconds):>9}  "
    )
    if not result.violations:
        return figures + "green"
    rules = ", ".join(f"{rule} {times}" for rule, times in Counter(v.rule for v in result.violations).items())
    told = [f"    {violation}" for violation in result.violations[: 2 if wanted_red else SHOWN_VIOLATIONS]]
    return "\n".join([f"{figures}RED ({rules}) after {result.seconds:.0f} s", *told])


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"
