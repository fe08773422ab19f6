"""Events: CloudEvents 1.0 in JSON, described in AsyncAPI, validated against that description before they are kept.

An event carries ids and listed facts, never a name, a number, an address or free text: whoever needs those asks the
service that owns them, so that a person can be erased. Changes are additive; anything else is a new `.v2` type.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

import jsonschema_rs
from pydantic import BaseModel, ConfigDict

MAX_EVENT_BYTES = 64 * 1024


class EventPayload(BaseModel):
    """Base of the `data` of one event type. A subclass names its type, its aggregate and what it says."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: ClassVar[str]
    aggregate_type: ClassVar[str]


@dataclass(frozen=True, slots=True)
class Event:
    """One event as a consumer sees it."""

    id: UUID
    type: str
    aggregate_type: str
    aggregate_id: str
    sequence: int
    occurred_at: datetime
    data: dict[str, Any]
    traceparent: str | None = None

    @classmethod
    def from_json(cls, raw: bytes | str) -> "Event":
        """Read a CloudEvent; ValueError or KeyError says what is wrong with it."""
        body = json.loads(raw)
        return cls(
            id=UUID(body["id"]),
            type=body["type"],
            aggregate_type=body["aggregatetype"],
            aggregate_id=body["subject"],
            sequence=int(body["sequence"]),
            occurred_at=datetime.fromisoformat(body["time"]),
            data=body["data"],
            traceparent=body.get("traceparent"),
        )


class UndescribedEventError(Exception):
    """The event does not fit the service's AsyncAPI document, so it must not leave."""


class EventCatalogue:
    """The events that one service emits; the source of its AsyncAPI document and the check of every event.

    Usage::

        CATALOGUE = EventCatalogue("profile", [CustomerRegistered, PurchaseRecorded])
    """

    def __init__(self, service: str, payloads: Iterable[type[EventPayload]]) -> None:
        self.service = service
        self.payloads = {payload.type: payload for payload in payloads}
        self._validators = {
            name: jsonschema_rs.Draft202012Validator(_cloud_event_schema(payload), validate_formats=True)
            for name, payload in self.payloads.items()
        }

    @property
    def aggregate_types(self) -> list[str]:
        """The aggregates that this service emits events about; each has a topic."""
        return sorted({payload.aggregate_type for payload in self.payloads.values()})

    def render(
        self,
        payload: EventPayload,
        *,
        event_id: UUID,
        aggregate_id: str,
        sequence: int,
        occurred_at: datetime,
        traceparent: str | None = None,
    ) -> str:
        """The CloudEvent as JSON, validated; UndescribedEventError if the document does not allow it."""
        envelope: dict[str, Any] = {
            "specversion": "1.0",
            "id": str(event_id),
            "source": f"/careline/{self.service}",
            "type": payload.type,
            "subject": aggregate_id,
            "time": occurred_at.astimezone(UTC).isoformat(),
            "datacontenttype": "application/json",
            "aggregatetype": payload.aggregate_type,
            "sequence": f"{sequence:020d}",
            "data": payload.model_dump(mode="json"),
        }
        if traceparent:
            envelope["traceparent"] = traceparent
        validator = self._validators.get(payload.type)
        if validator is None:
            raise UndescribedEventError(f"{payload.type} is not in the catalogue of {self.service}")
        fault = next(iter(validator.iter_errors(envelope)), None)
        if fault is not None:
            place = "/".join(str(step) for step in fault.instance_path)
            raise UndescribedEventError(f"{payload.type}: {place} {fault.message}")
        rendered = json.dumps(envelope, ensure_ascii=False, separators=(",", ":"))
        if len(rendered.encode()) > MAX_EVENT_BYTES:
            raise UndescribedEventError(f"{payload.type} is larger than {MAX_EVENT_BYTES} bytes")
        return rendered

    def asyncapi(self, *, topic_prefix: str = "careline.") -> dict[str, Any]:
        """The AsyncAPI 3.0 document of this service."""
        channels: dict[str, Any] = {}
        messages: dict[str, Any] = {}
        operations: dict[str, Any] = {}
        for name, payload in sorted(self.payloads.items()):
            channel = payload.aggregate_type
            channels.setdefault(
                channel,
                {
                    "address": f"{topic_prefix}{channel}",
                    "description": f"Everything that happened to a {channel}, keyed by its id, in order per key.",
                    "messages": {},
                },
            )["messages"][name] = {"$ref": f"#/components/messages/{name}"}
            messages[name] = {
                "name": name,
                "contentType": "application/cloudevents+json",
                "summary": " ".join((payload.__doc__ or "").split()),
                "payload": _cloud_event_schema(payload),
            }
            operations.setdefault(
                f"emit_{channel}",
                {"action": "send", "channel": {"$ref": f"#/channels/{channel}"}},
            )
        return {
            "asyncapi": "3.0.0",
            "info": {"title": f"Careline {self.service} events", "version": "1.0.0"},
            "defaultContentType": "application/cloudevents+json",
            "channels": channels,
            "operations": operations,
            "components": {"messages": messages},
        }


def _cloud_event_schema(payload: type[EventPayload]) -> dict[str, Any]:
    data = payload.model_json_schema(mode="serialization")
    definitions = data.pop("$defs", None)
    schema: dict[str, Any] = {
        "type": "object",
        "additionalProperties": False,
        "required": [
            "specversion",
            "id",
            "source",
            "type",
            "subject",
            "time",
            "aggregatetype",
            "sequence",
            "data",
        ],
        "properties": {
            "specversion": {"const": "1.0"},
            "id": {"type": "string", "format": "uuid"},
            "source": {"type": "string", "format": "uri-reference"},
            "type": {"const": payload.type},
            "subject": {"type": "string"},
            "time": {"type": "string", "format": "date-time"},
            "datacontenttype": {"const": "application/json"},
            "aggregatetype": {"const": payload.aggregate_type},
            "sequence": {"type": "string", "pattern": "^[0-9]{20}$"},
            "traceparent": {"type": "string"},
            "data": data,
        },
    }
    if definitions:
        schema["$defs"] = definitions
    return schema
