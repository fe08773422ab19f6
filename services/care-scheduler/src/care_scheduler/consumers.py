"""What the care scheduler learns from others. An event has one consumer here, whoever in this service wants it."""

from care_scheduler.customers.mirror import Mirror
from care_scheduler.items import outcomes
from care_scheduler.triggers.handlers import Triggers
from careline.app import Service
from careline.consumer import Consumer, combined


def consumers(service: Service, mirror: Mirror, triggers: Triggers) -> list[Consumer]:
    """The consumers of this service."""
    return [
        Consumer(
            service.database,
            service.settings,
            group="care-deliveries",
            topics=["delivery"],
            handlers=outcomes.deliveries(service.outbox, service.clock, service.business_clock),
            many=outcomes.floods(service.outbox, service.clock, service.business_clock),
        ),
        Consumer(
            service.database,
            service.settings,
            group="care-complaints",
            topics=["complaint"],
            handlers=combined(outcomes.complaints(), triggers.of_complaints()),
        ),
        Consumer(
            service.database,
            service.settings,
            group="care-customers",
            topics=["customer"],
            handlers=outcomes.consents(),
            many=mirror.floods(),
        ),
        Consumer(
            service.database,
            service.settings,
            group="care-surveys",
            topics=["survey"],
            handlers=triggers.of_surveys(),
        ),
    ]
