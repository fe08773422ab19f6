"""The texts of the page from its own catalogue, so that a better wording breaks no test."""

import json
import re
from functools import cache
from typing import Any

from careline_local import paths


@cache
def _catalogue(locale: str) -> dict[str, Any]:
    folder = paths.DESK / "src" / "desk" / "locales"
    parts = [folder / f"{locale}.json", *folder.glob(f"*.{locale}.json")]
    return {group: texts for part in parts for group, texts in json.loads(part.read_text()).items()}


class Words:
    """One language of the desk."""

    def __init__(self, locale: str) -> None:
        """`zh-CN` or `en`."""
        self.locale = locale

    def __call__(self, key: str, /, **values: str) -> str:
        """A text by its dotted key, with its gaps filled."""
        found: Any = _catalogue(self.locale)
        for part in key.split("."):
            found = found[part]
        text = str(found)
        for name, value in values.items():
            text = text.replace("{" + name + "}", value)
        return text

    def pattern(self, key: str) -> re.Pattern[str]:
        """A text with anything in its gaps."""
        pieces = re.split(r"\{\w+\}", self(key))
        return re.compile(".*".join(re.escape(piece) for piece in pieces))
