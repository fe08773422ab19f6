"""Queues, skills, prepared answers and outcomes of the demo."""

from collections.abc import Iterable
from typing import Final

from careline_local.demo.api import Caller, Json
from careline_local.demo.people import Colleague

_ROUTER: Final = "/api/router/v1"
_SKILL_LEVEL: Final = 3
_MAIL_AT_ONCE: Final = 5
_CHATS_AT_ONCE: Final = 3

QUEUES: Final[dict[str, Json]] = {
    "mail": {
        "name": "邮件 Mail",
        "required_skills": [{"skill": "mail", "level": 1}],
        "channels": ["mail"],
        "priority": 0,
        "offer_timeout_seconds": 60,
        "answer_target_seconds": 4 * 3600,
    },
    "chat": {
        "name": "在线咨询 Chat",
        "required_skills": [{"skill": "chat", "level": 1}],
        "channels": ["chat"],
        "priority": 20,
        "offer_timeout_seconds": 20,
        "answer_target_seconds": 60,
    },
    "billing": {
        "name": "账单 Billing",
        "required_skills": [{"skill": "billing", "level": 1}],
        "channels": [],
        "priority": 10,
        "offer_timeout_seconds": 45,
        "answer_target_seconds": 2 * 3600,
    },
    "partner": {
        "name": "门店与合作方 Shops and partners",
        "required_skills": [{"skill": "partner", "level": 1}],
        "channels": ["partner", "in_person"],
        "priority": 5,
        "offer_timeout_seconds": 60,
        "answer_target_seconds": 8 * 3600,
    },
}

TEMPLATES: Final[dict[str, Json]] = {
    "greeting-zh": {
        "title": "问候",
        "language": "zh-CN",
        "body": "{{ customer.name }}，您好！我是{{ agent.name }}，很高兴为您服务。",
    },
    "greeting-en": {
        "title": "Greeting",
        "language": "en",
        "body": "Hello {{ customer.name }}, this is {{ agent.name }}. How can I help?",
    },
    "warranty-zh": {
        "title": "保修说明",
        "language": "zh-CN",
        "channel": "mail",
        "body": (
            "{{ customer.name }}，您好！\n\n"
            "关于“{{ interaction.subject }}”：您的产品仍在保修期内，维修免费。"
            "请将产品寄回，我们会在三个工作日内检修完毕。\n\n{{ agent.name }}"
        ),
    },
    "warranty-en": {
        "title": "Warranty repair",
        "language": "en",
        "channel": "mail",
        "body": (
            "Dear {{ customer.name }},\n\n"
            'about "{{ interaction.subject }}": your product is under warranty, so the repair is free. '
            "Please send it back to us; we will have it ready within three working days.\n\n{{ agent.name }}"
        ),
    },
    "refund-zh": {
        "title": "退款已受理",
        "language": "zh-CN",
        "body": "{{ customer.name }}，您的退款申请已受理，款项将在五个工作日内退回原支付账户。\n{{ agent.name }}",
    },
    "refund-en": {
        "title": "Refund on its way",
        "language": "en",
        "body": (
            "{{ customer.name }}, your refund has been approved and will reach your account "
            "within five working days.\n{{ agent.name }}"
        ),
    },
}

DISPOSITIONS: Final[dict[str, tuple[str, str]]] = {
    "resolved": ("已解决", "Resolved"),
    "information_given": ("已告知", "Information given"),
    "repair_arranged": ("已安排维修", "Repair arranged"),
    "refund_agreed": ("同意退款", "Refund agreed"),
    "complaint_noted": ("已记录投诉", "Complaint noted"),
    "no_answer_needed": ("无需答复", "No answer needed"),
}


def set_up(admin: Caller, colleagues: Iterable[tuple[Colleague, Json]]) -> None:
    """Put everything that routing needs in place; putting it again changes nothing."""
    for key, queue in QUEUES.items():
        admin.put(f"{_ROUTER}/queues/{key}", queue)
    for key, template in TEMPLATES.items():
        admin.put(f"{_ROUTER}/templates/{key}", template)
    for code, (zh_cn, en) in DISPOSITIONS.items():
        admin.put(f"{_ROUTER}/dispositions/{code}", {"label": {"zh-CN": zh_cn, "en": en}})
    for colleague, person in colleagues:
        if colleague.skills:
            admin.put(f"{_ROUTER}/agents/{person['id']}/skills", _abilities(colleague))


def _abilities(colleague: Colleague) -> Json:
    return {
        "skills": [{"skill": skill, "level": _SKILL_LEVEL} for skill in colleague.skills],
        "capacity": {"mail": _MAIL_AT_ONCE, "chat": _CHATS_AT_ONCE},
    }
