"""Explains recorded decisions by replaying them: what is said of each agent comes out of the recorded inputs."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from interaction_router.interactions.rows import AnyConnection
from interaction_router.interactions.schemas import AgentRef
from interaction_router.routing import repository
from interaction_router.routing.decision import decide
from interaction_router.routing.model import Decision, Offer, Waiting
from interaction_router.routing.schemas import DecisionRecord, Verdict

MAX_RECORDS = 20


async def explain(connection: AnyConnection, interaction_id: UUID) -> list[DecisionRecord]:
    """Why the interaction went where it went."""
    recorded = await repository.decisions_of(connection, interaction_id, MAX_RECORDS)
    work_id = str(interaction_id)
    names: dict[str, str] = {}
    records = []
    for row, situation, decision in recorded:
        outcome = _of(decision, work_id)
        if outcome is None:
            continue
        again = _of(decide(situation), work_id)
        reasons = again.reasons if again else ()
        await _learn_names(connection, names, [UUID(reason.agent_id) for reason in reasons])
        records.append(_record(row["id"], situation.now, outcome, again, names))
    return records


def _of(decision: Decision, work_id: str) -> Offer | Waiting | None:
    outcomes: list[Offer | Waiting] = [*decision.offers, *decision.waiting]
    return next((each for each in outcomes if each.work_id == work_id), None)


async def _learn_names(connection: AnyConnection, names: dict[str, str], ids: list[UUID]) -> None:
    unknown = [each for each in ids if str(each) not in names]
    if unknown:
        rows = await connection.fetch("SELECT id, name FROM agents WHERE id = ANY($1)", unknown)
        names.update({str(row["id"]): row["name"] for row in rows})


def _record(
    decision_id: UUID,
    decided_at: datetime,
    outcome: Offer | Waiting,
    again: Offer | Waiting | None,
    names: dict[str, str],
) -> DecisionRecord:
    chosen = outcome.agent_id if isinstance(outcome, Offer) else None
    return DecisionRecord(
        id=decision_id,
        decided_at=decided_at,
        outcome="offered" if chosen else "waiting",
        chosen_agent=AgentRef(id=UUID(chosen), name=names.get(chosen, "")) if chosen else None,
        waiting_reason=outcome.reason if isinstance(outcome, Waiting) else None,
        reasons=[
            Verdict(
                agent=UUID(reason.agent_id),
                name=names.get(reason.agent_id),
                verdict=reason.verdict,
                because=reason.because,
                facts=reason.facts,
            )
            for reason in (again.reasons if again else ())
        ],
        replayed=again is not None and replace(again, reasons=()) == replace(outcome, reasons=()),
    )
