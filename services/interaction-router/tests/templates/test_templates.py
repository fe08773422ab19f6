import pytest

from careline.problems import InvalidInput
from interaction_router.templates.initials import initials_of
from interaction_router.templates.rendering import render, variables_of

from ..factories import Router


def test_variables_are_filled_in_and_the_unknown_are_named() -> None:
    found = render("Dear {{ customer.name }} ({{ customer.tier }}), {{ agent.name }}", {
        "customer": {"name": "李伟", "tier": None}, "agent": {"name": "Li Na"},
    })  # fmt: skip
    assert found.text == "Dear 李伟 (), Li Na"
    assert found.missing == ["customer.tier"]


@pytest.mark.parametrize(
    "body",
    [
        "{% for a in (1..100000) %}{% for b in (1..100000) %}x{% endfor %}{% endfor %}",
        "{% assign s = 'xxxxxxxxxx' %}{% for i in (1..900) %}{% assign s = s | append: s %}{% endfor %}{{ s }}",
        "{% if %}",
        "{% include 'file' %}",
    ],
)
def test_a_template_can_neither_run_for_ever_nor_grow_without_end(body: str) -> None:
    with pytest.raises(InvalidInput):
        render(body, {})


def test_variables_of_a_template() -> None:
    assert variables_of("{{ customer.name }}{% assign x = 1 %}{{ x }}") == ["customer.name"]


async def test_a_template_is_found_and_rendered_for_an_interaction(router: Router) -> None:
    boss = router.supervisor()
    body = {"title": "漏水", "body": "{{ customer.name }}您好,{{ agent.name }}", "language": "zh-CN", "channel": "mail"}
    await boss.send("PUT", "/v1/templates/leak", body)
    await boss.send("PUT", "/v1/templates/broken", {**body, "body": "{% if %}"}, status=422)
    await router.queue()
    agent = await router.agent()
    await router.arrive()
    interaction_id = await agent.accept()
    found = await agent.get("/v1/templates", params={"channel": "mail", "q": "漏"})
    assert [each["variables"] for each in found] == [["agent.name", "customer.name"]]
    assert await agent.get("/v1/templates", params={"channel": "chat"}) == []
    assert await agent.get("/v1/templates", params={"q": "%"}) == []
    rendered = await agent.send("POST", f"/v1/templates/{found[0]['id']}/rendering", {"interaction_id": interaction_id})
    assert rendered == {"text": "Li Wei您好,Li Na", "missing": []}


async def test_dispositions_have_both_languages(router: Router) -> None:
    await router.disposition()
    agent = await router.agent()
    label = {"zh-CN": "已解决", "en": "Solved"}
    assert await agent.get("/v1/dispositions") == [{"code": "solved", "label": label, "channel": None}]


def test_initials_are_what_a_typist_types() -> None:
    assert initials_of("保修政策") == "bxzc"
    assert initials_of("退款 (7天)") == "tk7t"
    assert initials_of("Warranty terms") == "warrantyterms"
