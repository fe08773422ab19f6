"""Saving and showing templates."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from care_scheduler.templates import repository
from care_scheduler.templates.schemas import Preview, Template, TemplateInput, TextsOutput
from care_scheduler.templates.texts import FieldFault, Texts, check, choose, fill
from care_scheduler.templates.values import ALL, known_for
from care_scheduler.versions import check_match
from careline.database import ReadConnection, WriteConnection
from careline.problems import InvalidInput, NotFound, PreconditionFailed


def shown(row: Mapping[str, Any]) -> Template:
    """A template as it goes out."""
    languages = {language: Texts(**texts) for language, texts in json.loads(row["languages"]).items()}
    return Template(
        key=row["key"],
        version=row["version"],
        languages={
            name: TextsOutput(subject=texts.subject, text=texts.text, script=texts.script)
            for name, texts in languages.items()
        },
        values=sorted({value for texts in languages.values() for value in check(texts)}),
        used_by=list(row["used_by"]),
        changed_by=row["changed_by"],
        changed_at=row["changed_at"],
    )


async def read(connection: ReadConnection | WriteConnection, key: str) -> Template:
    """One template, or NotFound."""
    rows = await repository.newest(connection, key)
    if not rows:
        raise NotFound("template", key)
    return shown(rows[0])


async def save(
    connection: WriteConnection, key: str, body: TemplateInput, if_match: str | None, by: str, now: Any
) -> Template:
    """Keep a new version if its texts can be sent to every customer of the cells that name it."""
    version = await repository.locked_version(connection, key)
    if version is not None:
        check_match(if_match, version)
    elif if_match is not None:
        raise PreconditionFailed("There is no such template yet; leave If-Match out to create it.")
    rows = await repository.newest(connection, key)
    known = _known(rows[0]["used_by"] if rows else [])
    languages = {name: Texts(**texts.model_dump()) for name, texts in body.languages.items()}
    for name, texts in languages.items():
        checked(texts, known, f"languages.{name}")
    kept = {name: {"subject": it.subject, "text": it.text, "script": it.script} for name, it in languages.items()}
    if await repository.keep(connection, key, kept, by, now, new=version is None) is None:
        raise PreconditionFailed("Somebody else created this template meanwhile; read it first.")
    return await read(connection, key)


def checked(texts: Texts, known: frozenset[str], place: str) -> list[str]:
    """The values that the texts ask for; InvalidInput names the field that cannot be sent."""
    try:
        return check(texts, known)
    except FieldFault as fault:
        raise InvalidInput(f"{place}.{fault.field}", "not a template that can be sent", f"{fault}.") from None


def preview(languages: Mapping[str, Texts], wanted: str, values: Mapping[str, Any]) -> Preview:
    """The texts filled in, or the fault that keeps them from being sent."""
    language = choose(languages, wanted)
    try:
        texts = fill(languages[language], values)
    except FieldFault as fault:
        return Preview(language=language, subject="", text="", script=None, fault=f"{fault.field}: {fault}")
    return Preview(language=language, subject=texts.subject, text=texts.text, script=texts.script, fault=None)


def _known(used_by: Sequence[str]) -> frozenset[str]:
    """What all occasions that use the template know; an unused one may ask for anything."""
    known = ALL
    for cell in used_by:
        known &= known_for(cell.partition("/")[2])
    return known
