"""What one customer is told on one occasion, put together out of template, facts and feedback's values."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from care_scheduler.contents.feedback import Said
from care_scheduler.gates.model import Facts, Item, Means, Verdict
from care_scheduler.templates.texts import FieldFault, Texts, choose, fill
from care_scheduler.templates.values import nested


@dataclass(frozen=True, slots=True)
class Template:
    """The newest version of a template."""

    key: str
    version: int
    languages: Mapping[str, Texts]

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> "Template":
        """The template in a row of the repository."""
        languages = {language: Texts(**texts) for language, texts in json.loads(row["languages"]).items()}
        return cls(row["key"], row["version"], languages)


@dataclass(frozen=True, slots=True)
class Content:
    """Texts ready to be sent."""

    language: str
    texts: Texts
    template_key: str
    template_version: int


def rendered(
    item: Item, facts: Facts, means: Means | None, template: Template, said: Said | None, company: str
) -> tuple[Content | None, Verdict]:
    """The content, or None, and the verdict that says why: a text with a hole in it is not sent."""
    told = {"template": f"{template.key}@v{template.version}"}
    language = choose(template.languages, facts.language)
    try:
        source = template.languages[language]
        if means != "phone_task":
            # What an agent would say is not said by a mail.
            source = Texts(source.subject, source.text, None)
        texts = fill(source, values_for(item, facts, said, company))
    except FieldFault as fault:
        # What Liquid says may repeat the text, so only its field is kept.
        return None, Verdict("content", "no", "incomplete", told | {"field": fault.field, "language": language})
    if said is not None and said.script and texts.script:
        texts = Texts(texts.subject, texts.text, f"{texts.script}\n\n{said.script}")
    content = Content(language, texts, template.key, template.version)
    return content, Verdict("content", "pass", "complete", told | {"language": language})


def values_for(item: Item, facts: Facts, said: Said | None, company: str) -> dict[str, Any]:
    """The values that a template of this occasion may ask for, as far as they are known."""
    warranty = facts.warranties.get(item.occasion_key)
    return nested(
        {
            "customer.name": facts.name,
            "customer.salutation": facts.salutation,
            "customer.tier": facts.tier,
            "company.name": company,
            "occasion.on": item.due_at.astimezone(ZoneInfo(facts.time_zone)).date(),
            "product.name": warranty[0] if warranty else None,
            "product.warranty_ends_on": warranty[1] if warranty else None,
            **(said.values if said else {}),
        }
    )
