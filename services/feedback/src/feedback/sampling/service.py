"""Reading and changing the rules of asking, and repeating a decision."""

import asyncpg

from careline.database import ReadConnection, WriteConnection
from careline.ids import encode
from careline.pagination import Page
from careline.problems import InvalidInput, NotFound, PreconditionFailed
from feedback.context import Work
from feedback.positions import position, position_cursor
from feedback.sampling import repository
from feedback.sampling.drawing import draw, rate_of
from feedback.sampling.schemas import (
    OccasionRule,
    PolicyInput,
    RateRule,
    Replay,
    Sample,
    SampleWithReplay,
    SamplingPolicy,
)
from feedback.surveys import repository as surveys
from feedback.surveys.service import PreconditionMissing, etag


async def policy(connection: ReadConnection | WriteConnection, version: int | None = None) -> SamplingPolicy:
    """A version of the rules, the newest without a number."""
    row = await repository.policy_row(connection, version)
    if row is None:
        raise NotFound("sampling policy", str(version))
    reasons, rates = await repository.policy_rules(connection, row["version"])
    return SamplingPolicy(
        **dict(row),
        reasons=[
            OccasionRule(
                reason=each["reason"],
                survey=each["survey_key"],
                wait_hours=each["wait_hours"],
                within_hours=each["within_hours"],
            )
            for each in reasons
        ],
        rates=[RateRule(channel=each["channel"], tier=each["tier"], rate=each["rate"]) for each in rates],
    )


async def write(
    connection: WriteConnection, work: Work, body: PolicyInput, if_match: str | None, author: str
) -> SamplingPolicy:
    """Add the next version; decisions that were made stay under theirs."""
    before = await policy(connection)
    if if_match is None:
        raise PreconditionMissing("Send If-Match with the ETag of the policy that you changed.")
    if if_match != etag(before.version):
        raise PreconditionFailed("Read the policy again, then change it.")
    for rule in body.reasons:
        if await surveys.newest(connection, rule.survey) is None:
            raise InvalidInput("reasons", f"unknown survey {rule.survey}", "Name a survey of GET /v1/surveys.")
    version = before.version + 1
    header = (version, body.seed or before.seed, body.pause_days, work.now, author, body.excluded_dispositions)
    reasons: list[tuple[object, ...]] = [
        (version, rule.reason, rule.survey, rule.wait_hours, rule.within_hours) for rule in body.reasons
    ]
    rates: list[tuple[object, ...]] = [(version, rule.channel, rule.tier, float(rule.rate)) for rule in body.rates]
    try:
        await repository.add_policy(connection, header, reasons, rates)
    except asyncpg.UniqueViolationError:
        raise PreconditionFailed("Read the policy again, then change it.") from None
    return await policy(connection)


async def page(
    connection: ReadConnection,
    *,
    customer_id: object,
    subject: str | None,
    decision: str | None,
    cursor: str | None,
    limit: int,
) -> Page[Sample]:
    """A page of samples."""
    moment, id_ = position("smp", cursor) or (None, None)
    rows = await repository.page(connection, customer_id, subject, decision, moment, id_, limit + 1)
    items = [Sample(**_fields(row)) for row in rows[:limit]]
    last = items[-1] if len(rows) > limit else None
    return Page(items=items, next=position_cursor("smp", last.closed_at, last.id) if last else None)


async def one(connection: ReadConnection, sample_id: object) -> SampleWithReplay:
    """A sample, and its decision taken anew from what was recorded."""
    row = await repository.one(connection, sample_id)
    if row is None:
        raise NotFound("sample", encode("smp", sample_id))  # type: ignore[arg-type]
    return SampleWithReplay(**_fields(row), replay=await _replay(connection, row))


async def _replay(connection: ReadConnection, row: asyncpg.Record) -> Replay | None:
    if row["policy_version"] is None or row["decision"] == "no_customer":
        return None
    rules = await repository.policy(connection, row["policy_version"])
    drawn, rate = draw(rules.seed, row["subject"]), rate_of(rules, row["channel"], row["tier"])
    return Replay(
        draw=drawn, rate=rate, would_be_drawn=drawn < rate, agrees=drawn == row["draw"] and rate == row["rate"]
    )


def _fields(row: asyncpg.Record) -> dict[str, object]:
    return {name: value for name, value in row.items() if name != "disposition"}
