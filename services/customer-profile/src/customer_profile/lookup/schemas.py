"""What a look-up answers."""

from customer_profile.events import IdentifierState, IdentifierType
from customer_profile.ids import CustomerId
from customer_profile.inputs import Output


class Matched(Output):
    """The identifier by which the customer was found, masked."""

    type: IdentifierType
    value_shown: str
    state: IdentifierState


class CustomerSummary(Output):
    """Enough of a customer to choose among several."""

    id: CustomerId
    name: str
    tier: str
    language: str
    matched: Matched


class Found(Output):
    """All customers who have the identifier; none is an answer too."""

    items: list[CustomerSummary]
