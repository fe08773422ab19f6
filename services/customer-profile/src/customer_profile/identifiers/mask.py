"""Shows enough of an identifier to recognise it and too little to use it."""

_PHONE_HEAD = 3
_HEAD = 2
_TAIL = 4


def masked(kind: str, value: str) -> str:
    """The masked form of an identifier's one spelling."""
    if kind == "phone":
        return _masked_phone(value)
    if kind == "email":
        local, _, domain = value.rpartition("@")
        return f"{local[:1]}***@{domain}"
    return _ends(value, head=0 if kind == "card" else min(_HEAD, len(value) // 4), tail=min(_TAIL, len(value) // 3))


def _masked_phone(value: str) -> str:
    number = value.partition(";")[0]
    home = number.removeprefix("+86")
    shown = home if home != number else number
    return _ends(shown, head=_PHONE_HEAD, tail=_TAIL)


def _ends(value: str, *, head: int, tail: int) -> str:
    if len(value) <= head + tail:
        head, tail = 0, min(1, len(value) - 1)
    return f"{value[:head]}****{value[len(value) - tail :]}"
