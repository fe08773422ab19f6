"""Departments with their heads, and the calendars on which the company works."""

from collections.abc import Mapping
from typing import Final

from careline_local.demo.api import Caller, Json

SERVICE: Final = "customer_service"
PURCHASING: Final = "purchasing"
AFTER_SALES: Final = "after_sales"
LOGISTICS: Final = "logistics"
_DIRECTORY: Final = "/api/directory/v1"

DEPARTMENTS: Final[dict[str, tuple[str, str]]] = {
    SERVICE: ("客服", "Customer service"),
    PURCHASING: ("采购", "Purchasing"),
    AFTER_SALES: ("售后", "After-sales"),
    LOGISTICS: ("物流", "Logistics"),
}
# Logistics is headed by whoever heads purchasing: not every department has somebody of its own.
HEADS: Final[dict[str, str]] = {
    SERVICE: "wangfang",
    PURCHASING: "zhaolei",
    AFTER_SALES: "gaoyuan",
    LOGISTICS: "zhaolei",
}


def _week(opens: str, closes: str) -> list[Json]:
    return [{"weekday": weekday, "from": opens, "to": closes} for weekday in range(1, 6)]


CALENDARS: Final[dict[str, Json]] = {
    "cn-office": {
        "name": "中国办公室 China office",
        "time_zone": "Asia/Shanghai",
        "country": "CN",
        "weekly": _week("09:00", "18:00"),
    },
    "gb-office": {
        "name": "英国办公室 UK office",
        "time_zone": "Europe/London",
        "country": "GB-ENG",
        "weekly": _week("09:00", "17:30"),
    },
}


def ensure_calendars(admin: Caller) -> None:
    """Add the calendars that are missing; those that somebody has changed stay as they are."""
    known = {each["key"] for each in admin.items(f"{_DIRECTORY}/calendars")}
    for key, calendar in CALENDARS.items():
        if key not in known:
            admin.put(f"{_DIRECTORY}/calendars/{key}", calendar)


def ensure_departments(admin: Caller) -> dict[str, Json]:
    """Register the departments that are missing; all of the demo's by key."""
    known = {each["key"]: each for each in admin.items(f"{_DIRECTORY}/departments")}
    return {
        key: known.get(key)
        or admin.post(f"{_DIRECTORY}/departments", {"key": key, "name": {"zh-CN": chinese, "en": english}})
        for key, (chinese, english) in DEPARTMENTS.items()
    }


def ensure_heads(admin: Caller, departments: Mapping[str, Json], people: Mapping[str, Json]) -> None:
    """Give a head to each department that has none; `people` are by login."""
    for key, login in HEADS.items():
        if departments[key]["head_id"] is None and people[login]["active"]:
            body = {"head_id": people[login]["id"]}
            admin.send("PATCH", f"{_DIRECTORY}/departments/{departments[key]['id']}", json=body)
