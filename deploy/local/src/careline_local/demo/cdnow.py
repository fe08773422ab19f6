"""The CDNOW sample: what 2,357 customers bought from a music shop in 1997 and 1998, 6,919 purchases in all.

It is read from the package `lifetimes`, which is installed without what it needs to run and is never imported.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from importlib import metadata
from typing import Final

from careline_local.parts.base import PartError

CUSTOMERS: Final = 2_357
PURCHASES: Final = 6_919
SOURCE: Final = "cdnow"
CURRENCY: Final = "USD"
_PACKAGE: Final = "lifetimes"
_FILE: Final = "CDNOW_sample.txt"


@dataclass(frozen=True)
class Purchase:
    """One line of the sample; `number` counts the purchases of a customer."""

    customer: str
    number: int
    day: str
    discs: int
    dollars: Decimal

    @property
    def external_id(self) -> str:
        """Customers bought several times on one day, so the day does not name a purchase."""
        return f"{self.customer}-{self.number}"

    @property
    def purchased_at(self) -> str:
        """Noon of the day; the sample knows no time."""
        return f"{self.day[:4]}-{self.day[4:6]}-{self.day[6:]}T12:00:00Z"

    @property
    def cents(self) -> int:
        """The amount in minor units."""
        return int(self.dollars * 100)


def read() -> list[Purchase]:
    """All purchases in the order of the file."""
    try:
        files = metadata.files(_PACKAGE) or []
    except metadata.PackageNotFoundError:
        files = []
    path = next((file for file in files if file.name == _FILE), None)
    if path is None:
        raise PartError(f"The demo data need {_FILE} of the Python package {_PACKAGE}: run `make install`.")
    counted: Counter[str] = Counter()
    purchases = []
    for line in path.read_text().splitlines():
        _, customer, day, discs, dollars = line.split()
        counted[customer] += 1
        purchases.append(Purchase(customer, counted[customer], day, int(discs), Decimal(dollars)))
    return purchases


def customers_csv(purchases: Iterable[Purchase]) -> str:
    """The customers as a file for the import; each is known by the number of its card."""
    numbers = sorted({purchase.customer for purchase in purchases})
    return _csv(
        ["name", "language", "tier", "card", "namespace"],
        ([f"CDNOW {number}", "en", "regular", number, SOURCE] for number in numbers),
    )


def purchases_csv(purchases: Iterable[Purchase]) -> str:
    """The purchases as a file for the import."""
    return _csv(
        ["external_id", "card", "namespace", "purchased_at", "item", "quantity", "total_minor", "currency"],
        (
            [
                each.external_id,
                each.customer,
                SOURCE,
                each.purchased_at,
                "CD",
                each.discs,
                each.cents,
                CURRENCY,
            ]
            for each in purchases
        ),
    )


def _csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()
