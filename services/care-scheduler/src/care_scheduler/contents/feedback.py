"""Asks feedback what only it knows: the link of an invitation, the number and the answer of a complaint."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from care_scheduler.templates.values import OF_OCCASION
from careline.clients import ServiceClient

MAX_REFERENCES: Final = 500
TIMEOUT_SECONDS: Final = 10.0
# Feedback's own ids; what another reference says is known here.
PREFIXES: Final = ("inv_", "cmp_")
_VALUES: Final = frozenset().union(*OF_OCCASION.values())


@dataclass(frozen=True, slots=True)
class Said:
    """What feedback wants said: values for the template, and what an agent on the phone goes on with."""

    values: dict[str, str]
    script: str | None


class Feedback:
    """Feedback as this service sees it."""

    def __init__(self, client: ServiceClient) -> None:
        self._client = client

    async def contents(self, references: Sequence[str]) -> dict[str, Said]:
        """What is to be said about each reference; what feedback does not know is not there."""
        found: dict[str, Said] = {}
        wanted = sorted({each for each in references if each.startswith(PREFIXES)})
        for first in range(0, len(wanted), MAX_REFERENCES):
            answer = await self._client.request(
                "POST",
                "/v1/care-contents",
                json={"references": wanted[first : first + MAX_REFERENCES]},
                timeout_seconds=TIMEOUT_SECONDS,
            )
            answer.raise_for_status()
            body = answer.json()
            for item in body["items"] if isinstance(body, dict) else body:
                values = {name: str(value) for name, value in item["values"].items() if value and name in _VALUES}
                found[item["reference"]] = Said(values, item["script"])
        return found

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()
