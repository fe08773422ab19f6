"""What a template may say, and what it never says: "Dear ,"."""

import asyncio
import json
import sys
from datetime import date
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from care_scheduler.templates.language import TemplateFault, parse, render
from care_scheduler.templates.texts import FieldFault, Texts, check, choose, fill
from care_scheduler.templates.values import known_for, nested, sample

from .hostile import REFUSED

SECONDS = 1.0
BYTES = 64 * 1024 * 1024
INITIAL = Path(__file__).parents[2] / "migrations" / "versions" / "0003_templates.json"


def saved(text: str) -> list[str]:
    return check(Texts("Hello", text, None))


PIECES = [
    *("{{", "}}", "{%", "%}", "{%-", "-%}", "'", '"', "|", ":", "..", "(", "[", "]", " ", "{", "}", "%", "\n"),
    *("if", "endif", "case", "else", "comment", "endcomment", "customer", ".", "name", "default", "x" * 50),
]


class TestHostile:
    @pytest.mark.parametrize("text", REFUSED, ids=lambda text: text[:24])
    def test_refused_at_saving_within_a_second(self, text: str) -> None:
        begun = perf_counter()
        with pytest.raises(FieldFault):
            saved(text)
        assert perf_counter() - begun < SECONDS

    async def test_refused_within_64_mb(self) -> None:
        script = Path(__file__).with_name("refuse_hostile.py")
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(script), stdout=asyncio.subprocess.PIPE, cwd=script.parent
        )
        output, _ = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode == 0
        slowest, grown = output.decode().split()
        assert (float(slowest) < SECONDS, int(grown) < BYTES) == (True, True), output

    @settings(max_examples=300, deadline=1000)
    @given(
        st.lists(
            st.sampled_from(PIECES),
            max_size=400,
        ).map("".join)
    )
    @example("{{ customer.name }}")
    def test_no_text_takes_long_and_what_is_not_refused_is_short(self, text: str) -> None:
        text = text[:10_000]
        begun = perf_counter()
        try:
            written = render(parse(text), sample(tier="gold", without=frozenset()))
        except TemplateFault:
            written = ""
        assert perf_counter() - begun < SECONDS
        # No output is longer than its own tag and the longest value.
        assert len(written) <= 60 * (len(text) + 1)


class TestHoles:
    @pytest.mark.parametrize(
        "text",
        [
            "Dear {{ customer.name }},",
            "Dear {{ customer.name | default: '' }},",
            "Dear {{ customer.name | default: ' ' }},",
            "Dear {{ customer.name | upcase }},",
            "Dear {% if customer.name %}{{ customer.name }}{% endif %},",
            "Dear {% unless customer.name == nil %}{{ customer.name }}{% endunless %},",
            "Hello {% if customer.salutation %}{{ customer.salutation }}{% endif %}, how are you?",
            "尊敬的{{ customer.name }}：",
            "尊敬的{% if customer.name %}{{ customer.name }}{% endif %}：",
            "{% if customer.tier == 'gold' %}Dear {{ customer.name }},{% endif %} hello",
            "{{ customer.shoe_size }}",
            "{{ customer }}",
            "{{ nobody | default: customer.name }}",
            "{% if customer.name %}{% endif %}",
            "Your title is {{ customer.salutation | default: '' }}.",
        ],
    )
    def test_refused_at_saving(self, text: str) -> None:
        with pytest.raises(FieldFault):
            saved(text)

    @pytest.mark.parametrize(
        ("text", "written"),
        [
            ("Dear {{ customer.name | default: 'friend' }},", "Dear friend,"),
            ("{% if customer.name %}Dear {{ customer.name }}{% else %}Hello{% endif %},", "Hello,"),
            ("尊敬的{{ customer.name | default: '顾客' }}：", "尊敬的顾客："),
            ("Hello, you.", "Hello, you."),
        ],
    )
    def test_a_default_or_a_condition_helps(self, text: str, written: str) -> None:
        saved(text)
        assert (
            fill(Texts("Hello", text, None), sample(tier="regular", without=frozenset({"customer.name"}))).text
            == written
        )

    @given(st.text(" \t,，\u3000", max_size=3))
    def test_a_blank_name_is_no_name(self, name: str) -> None:
        texts = Texts("Hello", "Dear {{ customer.name | default: 'friend' }},", None)
        try:
            written = fill(texts, nested({"customer.name": name})).text
        except FieldFault:
            return
        assert not written.replace("\u3000", " ").startswith("Dear ,")

    def test_what_is_missing_only_when_it_is_sent_is_not_sent(self) -> None:
        with pytest.raises(FieldFault, match="link"):
            fill(Texts("Hello", "Tell us: {{ link }}", None), nested({"customer.name": "Li"}))


def test_a_value_is_text_and_no_template() -> None:
    texts = Texts("Hello", "Dear {{ customer.name | default: 'x' }},", None)
    assert fill(texts, nested({"customer.name": "{{ company.name }}"})).text == "Dear {{ company.name }},"


def test_a_subject_is_one_line_of_bounded_length() -> None:
    texts = Texts("About {{ reply_text }}", "x", None)
    subject = fill(texts, nested({"reply_text": "a\r\nBcc: everybody@customer.example " + "x" * 500})).subject
    assert "\n" not in subject
    assert "\r" not in subject
    assert len(subject) == 200


def test_dates_are_written_as_the_template_wants() -> None:
    texts = Texts("Hello", "{{ product.warranty_ends_on | date: '%Y年%-m月%-d日' }}", None)
    assert fill(texts, nested({"product.warranty_ends_on": date(2027, 2, 9)})).text == "2027年2月9日"
    with pytest.raises(FieldFault):
        saved("{{ product.warranty_ends_on | date: '%999999999d' }}")


@pytest.mark.parametrize(
    ("known", "wanted", "chosen"),
    [
        (["en", "zh-CN"], "zh-CN", "zh-CN"),
        (["en", "zh-CN"], "zh-Hans-SG", "zh-CN"),
        (["en", "zh-CN"], "en-GB", "en"),
        (["en", "zh-CN"], "fr", "en"),
        (["zh-CN", "de"], "fr", "zh-CN"),
        (["de"], "fr", "de"),
    ],
)
def test_the_language(known: list[str], wanted: str, chosen: str) -> None:
    assert choose(known, wanted) == chosen


def test_the_first_templates_can_be_sent_to_everybody_in_both_languages() -> None:
    for key, languages in json.loads(INITIAL.read_text(encoding="utf-8")).items():
        assert set(languages) == {"zh-CN", "en"}
        for texts in languages.values():
            check(Texts(**texts), known_for(key))
            assert texts["script"]
