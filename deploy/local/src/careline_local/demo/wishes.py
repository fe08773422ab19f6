"""What the named customers allow and want: consents and preferences, each said once."""

from typing import Any, Final

from careline_local.demo.api import Caller, Json

SOURCE: Final = "demo"


def ensure(staff: Caller, path: str, given: Json) -> None:
    """Write down what the customer at `path` has not said yet."""
    _ensure_consents(staff, path, given.get("consents", []))
    _ensure_preferences(staff, path, given.get("preferences", {}))


def _ensure_consents(staff: Caller, path: str, wanted: list[list[Any]]) -> None:
    said = {(each["purpose"], each["channel"]) for each in staff.items(f"{path}/consents")}
    for purpose, channel, state in wanted:
        if (purpose, channel) not in said:
            body = {"purpose": purpose, "channel": channel, "state": state, "source": SOURCE}
            staff.post(f"{path}/consents", body)


def _ensure_preferences(staff: Caller, path: str, wanted: Json) -> None:
    if wanted and not any(staff.get(f"{path}/preferences").values()):
        staff.put(f"{path}/preferences", wanted)
