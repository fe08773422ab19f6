"""The page behind an unsubscribe link: plain HTML under a policy that allows nothing but its own form and style."""

import base64
import hashlib
from dataclasses import dataclass
from html import escape
from typing import Final, Literal

Language = Literal["zh-CN", "en"]
State = Literal["ask", "done", "broken"]

_STYLE: Final = (
    "body{font:1.125rem/1.6 system-ui,sans-serif;max-width:34rem;margin:4rem auto;padding:0 1.25rem;color:#1c2430;"
    "background:#fff}h1{font-size:1.5rem}button{font:inherit;padding:.6rem 1.4rem;border:0;border-radius:.4rem;"
    "background:#0b5cad;color:#fff;cursor:pointer}button:focus-visible,a:focus-visible{outline:3px solid #f5a623;"
    "outline-offset:2px}a{color:#0b5cad}"
)
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class _Words:
    title: str
    ask: str
    button: str
    done: str
    done_text: str
    broken: str
    broken_text: str
    other: str
    what: dict[str, str]


_WORDS: Final[dict[Language, _Words]] = {
    "zh-CN": _Words(
        title="退订",
        ask="点击下面的按钮后，我们不再给您发送{what}。",
        button="确认退订",
        done="已退订",
        done_text="我们不再给您发送{what}。如果改变主意，随时告诉我们的客服即可。",
        broken="链接无效",
        broken_text="这个链接不完整。请从邮件中重新打开，或直接回复那封邮件，我们会为您退订。",
        other="English",
        what={"marketing": "问候和优惠", "survey": "满意度调查", "service": "服务通知"},
    ),
    "en": _Words(
        title="Unsubscribe",
        ask="Press the button and we will not send you {what} any more.",
        button="Unsubscribe",
        done="You are unsubscribed",
        done_text="We will not send you {what} any more. Should you change your mind, just tell our customer care.",
        broken="This link is not complete",
        broken_text="Please open it from the mail again, or simply reply to that mail and we will unsubscribe you.",
        other="中文",
        what={"marketing": "greetings and offers", "survey": "surveys", "service": "service notices"},
    ),
}


def render(state: State, language: Language, purpose: str = "marketing") -> str:
    """The page in one language, with a link to the other."""
    words = _WORDS[language]
    what = words.what[purpose]
    heading, text = {
        "ask": (words.title, words.ask),
        "done": (words.done, words.done_text),
        "broken": (words.broken, words.broken_text),
    }[state]
    # RFC 8058: what a mail program sends by itself, the button sends too.
    form = (
        '<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click">'
        f"<button>{escape(words.button)}</button></form>"
    )
    other: Language = "en" if language == "zh-CN" else "zh-CN"
    switch = f'<p><a href="?lang={other}" lang="{other}" hreflang="{other}">{escape(words.other)}</a></p>'
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f"<title>{escape(heading)}</title><style>{_STYLE}</style></head><body><main><h1>{escape(heading)}</h1>"
        f"<p>{escape(text.format(what=what))}</p>{form if state == 'ask' else ''}"
        f"{switch if state != 'done' else ''}</main></body></html>"
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
