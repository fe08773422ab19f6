"""The customer's own word, by link or by mail: solved, and it is closed; not solved, and it is open again."""

from typing import Final, Literal
from uuid import UUID

from feedback.complaints import handling, repository
from feedback.complaints.ledger import Case
from feedback.complaints.states import State, Word
from feedback.context import Work

Heard = Literal["closed", "reopened", "over"]
CUSTOMER: Final = "customer"

# What people write who write nothing else; anything longer is for a person to read.
_SOLVED: Final = frozenset(
    {"solved", "yes", "yes thanks", "yes thank you", "ok", "已解决", "解决了", "是", "是的", "满意", "接受"}
)
_NOT_SOLVED: Final = frozenset(
    {"not solved", "no", "unsolved", "not content", "未解决", "没有解决", "没解决", "否", "不满意", "不接受"}
)
_PUNCTUATION: Final = " \t.,!?;:。，！？；：\"'“”"


async def hear(work: Work, complaint_id: UUID, reopened_count: int, word: Word, note: str | None, by: str) -> Heard:
    """Take the word on the answer of one round; "over" if there is a newer answer, or the word was given before."""
    row = await repository.lock(work, complaint_id)
    if row is None or row["reopened_count"] != reopened_count or row["state"] not in {State.ANSWERED, State.CLOSED}:
        return "over"
    case = Case(work, row, CUSTOMER)
    if word == Word.ACCEPTED:
        if row["state"] == State.CLOSED:
            return "over"
        await handling.take_word(case, word, note=note)
        await handling.close(case)
        await case.save()
        return "closed"
    if row["state"] == State.CLOSED:
        await handling.reopen(case, f"not_solved_by_{by}", note)
    else:
        await handling.take_word(case, word, note=note)
    await case.save()
    return "reopened"


def word_in(text: str) -> Word | None:
    """The word in a reply that says nothing else in its first line; None leaves it to the complaint's owner."""
    line = next((line for line in text.splitlines() if line.strip() and not line.lstrip().startswith(">")), "")
    said = " ".join(line.strip(_PUNCTUATION).lower().replace(",", " ").replace("，", " ").split())
    if said in _NOT_SOLVED:
        return Word.NOT_ACCEPTED
    return Word.ACCEPTED if said in _SOLVED else None
