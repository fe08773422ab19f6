"""What a template may say about the customer and the occasion, and which of it may be unknown."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

# Always known.
GIVEN: Final = frozenset({"customer.tier", "company.name", "occasion.on"})
# Known of most customers; a template must do without.
UNSURE: Final = frozenset({"customer.name", "customer.salutation"})

_SURVEY: Final = frozenset({"link", "survey_title"})
_COMPLAINT: Final = frozenset({"complaint_number"})
# What one occasion adds; without it there is nothing to say, so nothing is sent.
OF_OCCASION: Final[dict[str, frozenset[str]]] = {
    "warranty_ending": frozenset({"product.name", "product.warranty_ends_on"}),
    "follow_up": _SURVEY,
    "complaint_acknowledged": _COMPLAINT | {"acknowledge_by", "resolve_by"},
    "complaint_answered": _COMPLAINT | {"reply_text", "link"},
    "complaint_check": _COMPLAINT | {"reply_text", "link"},
}
ALL: Final = GIVEN | UNSURE | frozenset().union(*OF_OCCASION.values())

TIERS: Final = ("regular", "silver", "gold")
_SAMPLE: Final[dict[str, Any]] = {
    "customer.name": "李雷",
    "customer.salutation": "先生",
    "company.name": "Careline",
    "occasion.on": date(2027, 1, 20),
    "product.name": "Kettle K2",
    "product.warranty_ends_on": date(2027, 2, 19),
    "link": "https://careline.example/survey/#t",
    "survey_title": "Your visit",
    "complaint_number": "C-1042",
    "acknowledge_by": "2027-01-20 18:00",
    "resolve_by": "2027-01-25 18:00",
    "reply_text": "We have replaced the kettle.",
}


def known_for(occasion: str) -> frozenset[str]:
    """The values that a template for this occasion may ask for."""
    return GIVEN | UNSURE | OF_OCCASION.get(occasion, frozenset())


def sample(*, tier: str, without: frozenset[str]) -> dict[str, Any]:
    """Values as a template gets them, some of them unknown."""
    return nested({name: value for name, value in {**_SAMPLE, "customer.tier": tier}.items() if name not in without})


def nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    """`{"customer.name": "Li"}` as `{"customer": {"name": "Li"}}`; what is None or blank is left out."""
    found: dict[str, Any] = {"customer": {}, "company": {}, "occasion": {}, "product": {}}
    for path, value in flat.items():
        if value is None or (isinstance(value, str) and not value.strip()):
            continue
        first, _, rest = path.partition(".")
        if rest:
            found[first][rest] = value
        else:
            found[first] = value
    return found
