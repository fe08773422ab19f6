"""The language of templates: Liquid, cut down to what can neither loop nor grow.

Without loops, assignments and joining filters a rendered text is at most as long as its template plus one value for
each output, so neither time nor memory can run away, whatever the data. Liquid's lexer itself is quadratic in
unclosed delimiters (4,000 characters of `{{` took 0.6 s), so delimiters are paired by a linear scan before it runs.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final, TextIO

from liquid import BoundTemplate, Environment, RenderContext
from liquid.builtin.content import Literal
from liquid.builtin.filters.misc import default
from liquid.builtin.filters.string import capitalize, downcase, strip, upcase
from liquid.builtin.illegal import Illegal
from liquid.builtin.output import Output, OutputNode
from liquid.builtin.tags.case_tag import CaseTag
from liquid.builtin.tags.comment_tag import CommentTag
from liquid.builtin.tags.if_tag import IfTag
from liquid.builtin.tags.unless_tag import UnlessTag
from liquid.exceptions import LiquidError
from liquid.stringify import to_liquid_string
from liquid.undefined import FalsyStrictUndefined

MAX_TEMPLATE_CHARACTERS: Final = 10_000
MAX_TAG_CHARACTERS: Final = 300
MAX_TEXT_CHARACTERS: Final = 40_000
TAGS: Final = frozenset(
    ["if", "elsif", "else", "endif", "unless", "endunless", "case", "when", "endcase", "comment", "endcomment"]
)

_DELIMITER: Final = re.compile(r"\{\{|\}\}|\{%|%\}")
_TAG_NAME: Final = re.compile(r"-?\s{0,9}(\w{1,20})")
_DATE_FORMAT: Final = re.compile(r"(?:%-?[YmdHMBbAa]|[^%])*")
# Where a value was to stand there is nothing: "Dear ," and 尊敬的：are worse than no letter.
_HOLE: Final = re.compile(
    r"[ \t][,，、]|(?:\bDear|尊敬的|亲爱的)[ \t]*(?:[,，:：;!！.。]|$)|[（(][ \t]*[)）]|[\"“「《][ \t]*[\"”」》]",
    re.MULTILINE,
)


class TemplateFault(Exception):  # noqa: N818 -- it is the text's fault, told to its author
    """The text cannot be used; the message says why and what to do."""


class _Whole(OutputNode):
    """An output that refuses to write nothing."""

    __slots__ = ()

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        text = to_liquid_string(self.expression.evaluate(context), autoescape=False)
        if not text.strip():
            raise TemplateFault(f"{{{{ {self.expression} }}}} would write nothing; give it a `default`")
        return buffer.write(text)


class _WholeOutput(Output):
    node_class = _Whole


def _date(value: object, form: object = "%Y-%m-%d") -> str:
    """A date or moment in the given form, of the codes %Y %m %d %H %M %B %b %A %a."""
    if not isinstance(value, date | datetime):
        raise TemplateFault("`date` needs a date; put `default` after it, not before")
    if not isinstance(form, str) or not _DATE_FORMAT.fullmatch(form):
        raise TemplateFault("`date` knows the codes %Y %m %d %-m %-d %H %M %B %b %A %a")
    return value.strftime(form)


class _Language(Environment):
    block_nesting_limit = 10
    context_depth_limit = 20
    output_stream_limit = MAX_TEXT_CHARACTERS * 4

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        """Only what cannot grow."""
        del extra
        for tag in (Literal, Illegal, _WholeOutput, IfTag, UnlessTag, CaseTag, CommentTag):
            self.add_tag(tag)
        for name, function in (
            ("default", default),
            ("date", _date),
            ("upcase", upcase),
            ("downcase", downcase),
            ("capitalize", capitalize),
            ("strip", strip),
        ):
            self.add_filter(name, function)


_LANGUAGE: Final = _Language(undefined=FalsyStrictUndefined)


@lru_cache(maxsize=512)
def parse(source: str) -> BoundTemplate:
    """The template in `source`; TemplateFault if it is none. Time and memory are linear in its length."""
    if len(source) > MAX_TEMPLATE_CHARACTERS:
        raise TemplateFault(f"a text has at most {MAX_TEMPLATE_CHARACTERS} characters")
    _check_delimiters(source)
    try:
        return _LANGUAGE.from_string(source)
    except (LiquidError, RecursionError) as fault:
        raise TemplateFault(_told(fault)) from None


def variables_of(template: BoundTemplate) -> set[str]:
    """The paths of all values that the template asks for, such as `customer.name`."""
    return {str(path) for path in template.global_variable_paths()}


def render(template: BoundTemplate, values: Mapping[str, Any]) -> str:
    """The text; TemplateFault if a value is missing, or where one was to stand there would be nothing."""
    try:
        text = template.render(**values)
    except (LiquidError, RecursionError) as fault:
        raise TemplateFault(_told(fault)) from None
    found = _HOLE.search(text)
    if found:
        around = text[max(0, found.start() - 20) : found.end() + 10].strip()
        raise TemplateFault(f"the text would have a hole at “{around}”")
    return text


def _check_delimiters(source: str) -> None:
    opened: re.Match[str] | None = None
    for found in _DELIMITER.finditer(source):
        sign = found.group()
        if opened is None:
            if sign in {"}}", "%}"}:
                raise TemplateFault(f"{sign} at {found.start()} closes nothing")
            opened = found
            continue
        if sign != {"{{": "}}", "{%": "%}"}[opened.group()]:
            raise TemplateFault(f"{opened.group()} at {opened.start()} is not closed")
        inside = source[opened.end() : found.start()]
        if len(inside) > MAX_TAG_CHARACTERS:
            raise TemplateFault(f"what {opened.group()} at {opened.start()} opens is longer than {MAX_TAG_CHARACTERS}")
        if opened.group() == "{%":
            name = _TAG_NAME.match(inside)
            if name is None or name[1] not in TAGS:
                raise TemplateFault(f"the tag at {opened.start()} is not one of {', '.join(sorted(TAGS))}")
        opened = None
    if opened is not None:
        raise TemplateFault(f"{opened.group()} at {opened.start()} is not closed")


def _told(fault: BaseException) -> str:
    """The first line of what Liquid says; the rest shows the template again."""
    return str(fault).partition("\n")[0] or "not a template"
