"""The page behind the link in an answer: plain HTML under a policy that allows nothing but its own form and style."""

import base64
import hashlib
from dataclasses import dataclass
from html import escape
from typing import Final, Literal

Language = Literal["zh-CN", "en"]
Shown = Literal["ask", "closed", "reopened", "over", "broken"]

_STYLE: Final = (
    "body{font:1.125rem/1.6 system-ui,sans-serif;max-width:34rem;margin:4rem auto;padding:0 1.25rem;color:#1c2430;"
    "background:#fff}h1{font-size:1.5rem}textarea{font:inherit;width:100%;box-sizing:border-box}"
    "button{font:inherit;padding:.6rem 1.4rem;margin:.75rem .75rem 0 0;border:1px solid #0b5cad;border-radius:.4rem;"
    "background:#0b5cad;color:#fff;cursor:pointer}button[value=no]{background:#fff;color:#0b5cad}"
    "button:focus-visible,a:focus-visible,textarea:focus-visible{outline:3px solid #f5a623;outline-offset:2px}"
    "a{color:#0b5cad}"
)
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
HEADERS: Final = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
    "Vary": "Accept-Language",
}


@dataclass(frozen=True, slots=True)
class _Words:
    headings: dict[Shown, str]
    texts: dict[Shown, str]
    comment: str
    solved: str
    not_solved: str
    other: str


_WORDS: Final[dict[Language, _Words]] = {
    "zh-CN": _Words(
        headings={
            "ask": "您的投诉 {number} 解决了吗？",
            "closed": "谢谢您",
            "reopened": "我们继续处理",
            "over": "这个链接已经用过",
            "broken": "链接无效",
        },
        texts={
            "ask": "您满意了我们才结案。",
            "closed": "您的投诉 {number} 已结案。",
            "reopened": "很抱歉还没有解决。您的投诉 {number} 已重新打开，有专人负责，我们会再次答复您。",
            "over": "您已经告诉过我们，或者我们又给您发了新的答复。如有需要，请直接回复我们的邮件。",
            "broken": "这个链接不完整。请从邮件中重新打开，或直接回复那封邮件。",
        },
        comment="您想补充什么？（可不填）",
        solved="已解决",
        not_solved="未解决",
        other="English",
    ),
    "en": _Words(
        headings={
            "ask": "Is your complaint {number} solved?",
            "closed": "Thank you",
            "reopened": "We go on working on it",
            "over": "This link has been used",
            "broken": "This link is not complete",
        },
        texts={
            "ask": "We close it only when you are content.",
            "closed": "Your complaint {number} is closed.",
            "reopened": "We are sorry that it is not solved. Your complaint {number} is open again; one of us is "
            "responsible for it, and you will hear from us.",
            "over": "You have told us already, or a newer answer has been sent to you. If there is something else, "
            "just reply to our mail.",
            "broken": "Please open it from the mail again, or simply reply to that mail.",
        },
        comment="Would you like to add something? (optional)",
        solved="Solved",
        not_solved="Not solved",
        other="中文",
    ),
}


def render(shown: Shown, language: Language, number: str = "") -> str:
    """The page in one language, with a link to the other."""
    words = _WORDS[language]
    heading = words.headings[shown].format(number=number)
    form = (
        f'<form method="post"><p><label for="comment">{escape(words.comment)}</label></p>'
        '<textarea id="comment" name="comment" rows="4" maxlength="4000"></textarea><p>'
        f'<button name="solved" value="yes">{escape(words.solved)}</button>'
        f'<button name="solved" value="no">{escape(words.not_solved)}</button></p></form>'
    )
    other: Language = "en" if language == "zh-CN" else "zh-CN"
    switch = f'<p><a href="?lang={other}" lang="{other}" hreflang="{other}">{escape(words.other)}</a></p>'
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f"<title>{escape(heading)}</title><style>{_STYLE}</style></head><body><main><h1>{escape(heading)}</h1>"
        f"<p>{escape(words.texts[shown].format(number=number))}</p>{form if shown == 'ask' else ''}"
        f"{switch if shown == 'ask' else ''}</main></body></html>"
    )


def wanted(explicit: str | None, accept: str) -> Language:
    """The language that the reader asked for, or whose browser names Chinese before English."""
    if explicit in {"zh-CN", "en"}:
        return "zh-CN" if explicit == "zh-CN" else "en"
    for part in accept.lower().split(","):
        tongue = part.strip().partition(";")[0].partition("-")[0]
        if tongue in {"zh", "en"}:
            return "zh-CN" if tongue == "zh" else "en"
    return "en"
