from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from interaction_router.routing.decision import decide
from interaction_router.routing.model import (
    Agent,
    Because,
    ChannelCapacity,
    Decision,
    QueueRule,
    Refusal,
    Situation,
    SkillLevel,
    WaitingReason,
    Work,
    decision_json,
    situation_json,
)

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SALES = QueueRule("sales", (SkillLevel("sales", 2),), priority=0, offer_timeout_seconds=20)
URGENT = QueueRule("urgent", (), priority=9, offer_timeout_seconds=10)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def an_agent(
    name: str,
    *,
    skills: tuple[SkillLevel, ...] = (SkillLevel("sales", 3),),
    idle: float = 60,
    presence: str = "available",
    not_responding: bool = False,
    languages: tuple[str, ...] = (),
    mail: tuple[int, int] = (2, 0),
) -> Agent:
    return Agent(
        id=name,
        presence=presence,
        presence_since=ago(600),
        idle_since=ago(idle),
        not_responding=not_responding,
        skills=skills,
        languages=languages,
        capacity=(ChannelCapacity("mail", mail[0], mail[1]),),
    )


def some_work(
    name: str,
    *,
    queue: str = "sales",
    waiting: float = 30,
    language: str | None = None,
    last_agent: str | None = None,
    refusals: tuple[Refusal, ...] = (),
) -> Work:
    return Work(name, queue, "mail", language, ago(waiting), last_agent, refusals)


def a_situation(agents: list[Agent], waiting: list[Work]) -> Situation:
    return Situation(NOW, 300, (SALES, URGENT), tuple(agents), tuple(waiting))


def verdicts(decision: Decision) -> dict[str, str]:
    reasons = [*(offer.reasons for offer in decision.offers), *(each.reasons for each in decision.waiting)]
    return {reason.agent_id: reason.because for reason in reasons[0]}


def test_the_longest_idle_agent_with_the_skill_gets_the_work() -> None:
    agents = [an_agent("amy", idle=10), an_agent("bo", idle=90), an_agent("cy", skills=(), idle=999)]
    decision = decide(a_situation(agents, [some_work("w")]))
    assert [(offer.work_id, offer.agent_id) for offer in decision.offers] == [("w", "bo")]
    assert verdicts(decision) == {
        "bo": Because.LONGEST_IDLE,
        "amy": Because.LESS_IDLE,
        "cy": Because.LACKS_SKILL,
    }


def test_every_way_to_be_passed_over_is_told() -> None:
    declined = Refusal("declined", ago(5), "declined")
    missed = Refusal("missed", ago(5), "missed")
    agents = [
        an_agent("chosen", languages=("zh",)),
        an_agent("declined"),
        an_agent("missed"),
        an_agent("low", skills=(SkillLevel("sales", 1),)),
        an_agent("english", languages=("en",)),
        an_agent("break", presence="break"),
        an_agent("mute", not_responding=True),
        an_agent("full", mail=(2, 2)),
        an_agent("chat-only", mail=(0, 0)),
        an_agent("busy-bee", idle=1),
    ]
    decision = decide(a_situation(agents, [some_work("w", language="zh-CN", refusals=(declined, missed))]))
    assert verdicts(decision) == {
        "chosen": "longest_idle",
        "declined": "declined",
        "missed": "missed",
        "low": "lacks_skill",
        "english": "lacks_language",
        "break": "not_available",
        "mute": "not_responding",
        "full": "at_capacity",
        "chat-only": "channel_not_taken",
        "busy-bee": "less_idle",
    }


def test_the_last_agent_is_preferred_when_she_is_free() -> None:
    work = some_work("w", last_agent="amy")
    free = decide(a_situation([an_agent("amy", idle=1), an_agent("bo", idle=900)], [work]))
    assert free.offers[0].agent_id == "amy"
    assert verdicts(free) == {"amy": "last_agent", "bo": "last_agent_preferred"}
    full = decide(a_situation([an_agent("amy", mail=(1, 1)), an_agent("bo")], [work]))
    assert full.offers[0].agent_id == "bo"


def test_priority_then_age_then_id() -> None:
    waiting = [
        some_work("b", waiting=50),
        some_work("a", waiting=50),
        some_work("old", waiting=99),
        some_work("now", queue="urgent", waiting=1),
    ]
    decision = decide(a_situation([an_agent("amy", mail=(9, 0))], waiting))
    assert [offer.work_id for offer in decision.offers] == ["now", "old", "a", "b"]


def test_a_burst_is_spread_over_the_agents() -> None:
    agents = [an_agent("amy", idle=900), an_agent("bo", idle=1)]
    decision = decide(a_situation(agents, [some_work("1"), some_work("2")]))
    assert {offer.agent_id for offer in decision.offers} == {"amy", "bo"}


def test_why_work_waits() -> None:
    def reason(*agents: Agent, **work: object) -> WaitingReason:
        decision = decide(a_situation(list(agents), [some_work("w", **work)]))  # type: ignore[arg-type]
        return decision.waiting[0].reason

    assert reason() is WaitingReason.NOBODY_HAS_SKILL
    assert reason(an_agent("a", skills=())) is WaitingReason.NOBODY_HAS_SKILL
    assert reason(an_agent("a", presence="away")) is WaitingReason.NOBODY_AVAILABLE
    assert reason(an_agent("a", mail=(1, 1))) is WaitingReason.ALL_AT_CAPACITY
    assert reason(an_agent("a"), queue="gone") is WaitingReason.UNKNOWN_QUEUE
    refusals = (Refusal("a", ago(1), "declined"),)
    assert reason(an_agent("a"), refusals=refusals) is WaitingReason.ALL_REFUSED


def test_a_refusal_lapses_and_a_miss_is_forgiven_by_a_new_presence() -> None:
    lapsed = some_work("w", refusals=(Refusal("amy", ago(300), "declined"),))
    assert decide(a_situation([an_agent("amy")], [lapsed])).offers
    came_back = some_work("w", refusals=(Refusal("amy", ago(601), "missed"),))
    assert decide(a_situation([an_agent("amy")], [came_back])).offers
    still = some_work("w", refusals=(Refusal("amy", ago(299), "declined"),))
    assert not decide(a_situation([an_agent("amy")], [still])).offers


def test_work_that_nobody_can_take_does_not_block_the_next() -> None:
    rules = (SALES, QueueRule("law", (SkillLevel("law", 1),), 5, 20))
    situation = Situation(
        NOW, 300, rules, (an_agent("amy"),), (some_work("head", queue="law", waiting=999), some_work("next"))
    )
    decision = decide(situation)
    assert [offer.work_id for offer in decision.offers] == ["next"]
    assert [(each.work_id, each.reason) for each in decision.waiting] == [("head", "nobody_has_skill")]


def test_a_thousand_waiting_and_two_hundred_agents() -> None:
    agents = [an_agent(f"a{n:03}", idle=n, skills=(SkillLevel(f"s{n % 20}", 3),)) for n in range(200)]
    rules = tuple(QueueRule(f"q{n}", (SkillLevel(f"s{n}", 2),), 0, 20) for n in range(25))
    waiting = [some_work(f"w{n:04}", queue=f"q{n % 25}", waiting=n) for n in range(1000)]
    decision = decide(Situation(NOW, 300, rules, tuple(agents), tuple(waiting)))
    assert len(decision.offers) == 400
    assert len(decision.waiting) == 600


# Properties over any situation.

AGENT_IDS = st.sampled_from([f"a{n}" for n in range(6)])
SKILLS = st.builds(SkillLevel, st.sampled_from(["sales", "law", "tech"]), st.integers(1, 5))
TIMES = st.integers(0, 1000).map(ago)
CHANNELS = ["mail", "chat"]


def _unique_skills(skills: list[SkillLevel]) -> tuple[SkillLevel, ...]:
    return tuple({each.skill: each for each in skills}.values())


agent_strategy = st.builds(
    Agent,
    id=AGENT_IDS,
    presence=st.sampled_from(["available", "available", "busy", "offline"]),
    presence_since=TIMES,
    idle_since=TIMES,
    not_responding=st.booleans(),
    skills=st.lists(SKILLS, max_size=3).map(_unique_skills),
    languages=st.lists(st.sampled_from(["zh", "en"]), max_size=2, unique=True).map(tuple),
    capacity=st.tuples(
        *(st.builds(ChannelCapacity, st.just(c), st.integers(0, 3), st.integers(0, 3)) for c in CHANNELS)
    ),
)
rules_strategy = st.lists(
    st.builds(
        QueueRule,
        id=st.sampled_from(["q0", "q1", "q2"]),
        required_skills=st.lists(SKILLS, max_size=2).map(_unique_skills),
        priority=st.integers(0, 3),
        offer_timeout_seconds=st.just(20),
    ),
    max_size=3,
    unique_by=lambda rule: rule.id,
)
work_strategy = st.builds(
    Work,
    id=st.uuids().map(str),
    queue_id=st.sampled_from(["q0", "q1", "q2"]),
    channel=st.sampled_from(CHANNELS),
    language=st.sampled_from([None, "zh-CN", "en"]),
    waiting_since=TIMES,
    last_agent_id=st.none() | AGENT_IDS,
    refusals=st.lists(st.builds(Refusal, AGENT_IDS, TIMES, st.sampled_from(["declined", "missed"])), max_size=3).map(
        tuple
    ),
)
situations = st.builds(
    Situation,
    now=st.just(NOW),
    refusal_lapses_seconds=st.just(300),
    queues=rules_strategy.map(tuple),
    agents=st.lists(agent_strategy, max_size=6, unique_by=lambda agent: agent.id).map(tuple),
    waiting=st.lists(work_strategy, max_size=12, unique_by=lambda work: work.id).map(tuple),
)


@given(situations)
@settings(max_examples=300, deadline=None)
def test_no_rule_is_ever_broken(situation: Situation) -> None:
    decision = decide(situation)
    agents = {agent.id: agent for agent in situation.agents}
    rules = {rule.id: rule for rule in situation.queues}
    work = {each.id: each for each in situation.waiting}
    used = {(a.id, c.channel): c.used for a in situation.agents for c in a.capacity}
    for offer in decision.offers:
        piece, agent = work[offer.work_id], agents[offer.agent_id]
        held = {each.skill: each.level for each in agent.skills}
        assert all(held.get(n.skill, 0) >= n.level for n in rules[piece.queue_id].required_skills)
        assert agent.presence == "available"
        assert not agent.not_responding
        used[agent.id, piece.channel] += 1
        limit = next(c.limit for c in agent.capacity if c.channel == piece.channel)
        assert used[agent.id, piece.channel] <= limit
        assert sum(reason.verdict == "chosen" for reason in offer.reasons) == 1
        assert {reason.agent_id for reason in offer.reasons} == set(agents)
    decided = [offer.work_id for offer in decision.offers] + [each.work_id for each in decision.waiting]
    assert sorted(decided) == sorted(work)


@given(situations)
@settings(max_examples=200, deadline=None)
def test_nothing_waits_that_could_be_taken_and_the_head_never_blocks(situation: Situation) -> None:
    """Whatever waits still waits when it is alone with what capacity the offers left."""
    decision = decide(situation)
    given = {(o.agent_id, w.channel) for o in decision.offers for w in situation.waiting if w.id == o.work_id}
    untouched = tuple(
        agent for agent in situation.agents if not any((agent.id, channel) in given for channel in CHANNELS)
    )
    work = {each.id: each for each in situation.waiting}
    for waiting in decision.waiting:
        alone = Situation(NOW, 300, situation.queues, untouched, (work[waiting.work_id],))
        assert not decide(alone).offers


@given(situations)
@settings(max_examples=200, deadline=None)
def test_the_recorded_situation_replays_to_the_same_decision(situation: Situation) -> None:
    decision = decide(situation)
    recorded = situation_json.dump_json(situation)
    replayed = decide(situation_json.validate_json(recorded))
    assert replayed == decision
    assert decision_json.validate_json(decision_json.dump_json(decision)) == decision


@given(situations, st.randoms())
@settings(max_examples=100, deadline=None)
def test_the_order_of_the_input_does_not_matter(situation: Situation, random: object) -> None:
    agents, waiting = list(situation.agents), list(situation.waiting)
    random.shuffle(agents)  # type: ignore[attr-defined]
    random.shuffle(waiting)  # type: ignore[attr-defined]
    shuffled = Situation(NOW, 300, situation.queues, tuple(agents), tuple(waiting))
    pairs = {(offer.work_id, offer.agent_id) for offer in decide(situation).offers}
    assert {(offer.work_id, offer.agent_id) for offer in decide(shuffled).offers} == pairs
