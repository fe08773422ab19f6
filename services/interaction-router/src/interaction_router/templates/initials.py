"""What a Chinese typist types to find a text: the first letter of each syllable."""


def initials_of(text: str) -> str:
    """The pinyin initials of `text`, other letters and digits as they are: 保修政策 → bxzc."""
    # Its dictionary of phrases takes half a second to read, for which no start of the service should wait.
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415

    letters = "".join(lazy_pinyin(text, style=Style.FIRST_LETTER))
    return "".join(letter for letter in letters if letter.isalnum()).lower()
