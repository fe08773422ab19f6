"""The texts of one template in one language: checked when they are saved, filled in when they are sent."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from care_scheduler.templates.language import TemplateFault, parse, render, variables_of
from care_scheduler.templates.values import ALL, TIERS, UNSURE, sample

MAX_SUBJECT_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Texts:
    """What is written (subject and text) and what an agent says on the phone (script)."""

    subject: str
    text: str
    script: str | None

    def named(self) -> Iterator[tuple[str, str]]:
        """Field and text of those that there are."""
        yield "subject", self.subject
        yield "text", self.text
        if self.script is not None:
            yield "script", self.script


class FieldFault(TemplateFault):
    """Which field of the template is at fault."""

    def __init__(self, field: str, fault: str) -> None:
        super().__init__(fault)
        self.field = field


def check(texts: Texts, known: Iterable[str] = ALL) -> list[str]:
    """The values that the texts ask for; FieldFault if they could not be sent to some customer.

    They are filled in for each tier, with everything known and with each value unknown that may be, alone and with
    the others: so "Dear ," is found by its author and not by a customer.
    """
    allowed = frozenset(known)
    asked: set[str] = set()
    for field, source in texts.named():
        try:
            wanted = variables_of(parse(source))
        except TemplateFault as fault:
            raise FieldFault(field, str(fault)) from None
        if strange := sorted(wanted - allowed):
            raise FieldFault(field, f"{strange[0]} is not known here; known are {', '.join(sorted(allowed))}")
        asked |= wanted
    for tier, without in product(TIERS, _gaps(asked & UNSURE)):
        fill(texts, sample(tier=tier, without=without))
    return sorted(asked)


def fill(texts: Texts, values: Mapping[str, Any]) -> Texts:
    """The texts with the values in them; FieldFault if one is missing."""
    found: dict[str, str] = {}
    for field, source in texts.named():
        try:
            found[field] = render(parse(source), values).strip()
        except TemplateFault as fault:
            raise FieldFault(field, str(fault)) from None
        if not found[field]:
            raise FieldFault(field, "nothing would be written")
    # A header is one line, whatever was filled in.
    subject = " ".join(found["subject"].split())
    if len(subject) > MAX_SUBJECT_CHARACTERS:
        subject = subject[: MAX_SUBJECT_CHARACTERS - 1] + "…"
    return Texts(subject, found["text"], found.get("script"))


def choose(languages: Iterable[str], wanted: str) -> str:
    """The language to write in: the customer's, else one of the same tongue, else English, Chinese, or any."""
    known = sorted(languages)
    tongue = wanted.partition("-")[0].lower()
    exact = [each for each in known if each.lower() == wanted.lower()]
    related = [each for each in known if each.partition("-")[0].lower() == tongue]
    usual = [each for each in ("en", "zh-CN") if each in known]
    return (exact + related + usual + known)[0]


def _gaps(unsure: set[str]) -> Iterator[frozenset[str]]:
    yield frozenset()
    for each in sorted(unsure):
        yield frozenset({each})
    if len(unsure) > 1:
        yield frozenset(unsure)
