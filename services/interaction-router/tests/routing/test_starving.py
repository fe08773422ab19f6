"""What nobody can take for now hides nothing that somebody could take, however much of it there is."""

import pytest

from interaction_router.routing import repository

from ..factories import Router
from .test_cost import a_decider

KIND = repository.MAX_WAITING_OF_A_KIND
_OLDER = """
INSERT INTO interactions (id, channel, contact, queue_id, version, subject, language, waiting_since, opened_at,
    updated_at)
SELECT gen_random_uuid(), $1, 'older' || n, id, 1, '', $2, now() - interval '1 hour', now(), now()
FROM queues, generate_series(1, $3) n
"""


@pytest.mark.parametrize(("channel", "language"), [("mail", "ko"), ("mail", "KO-kr"), ("chat", None)])
async def test_work_of_another_language_or_channel_hides_nobody(
    router: Router, channel: str, language: str | None
) -> None:
    await router.queue()
    await router.agent("language:zh", chat=0)
    await router.fetch(_OLDER, channel, language, KIND)
    decider = await a_decider(router)
    served = await router.arrive()
    decision = await decider.decide_once()
    assert [each.work_id for each in decision.offers] == [str(served.interaction_id)]
    assert len(decision.waiting) == KIND


async def test_what_the_only_agent_has_refused_hides_nobody(router: Router) -> None:
    await router.queue()
    agent = await router.agent("language:zh")
    await router.fetch(_OLDER, "mail", None, KIND)
    await router.fetch(
        "INSERT INTO offers (id, interaction_id, agent_id, decision_id, state, offered_at, expires_at, ended_at, why) "
        "SELECT gen_random_uuid(), id, $1, id, 'declined', now(), now(), now(), '{}' FROM interactions",
        agent.id,
    )
    decider = await a_decider(router)
    served = await router.arrive()
    decision = await decider.decide_once()
    assert [each.work_id for each in decision.offers] == [str(served.interaction_id)]


async def test_one_kind_is_looked_at_in_bounded_slices(router: Router) -> None:
    await router.queue()
    await router.fetch(_OLDER, "mail", "ko-KR", KIND)
    await router.fetch(_OLDER.replace("'older'", "'more'"), "mail", "ko", KIND)
    decider = await a_decider(router)
    assert len((await decider.decide_once()).waiting) == KIND
