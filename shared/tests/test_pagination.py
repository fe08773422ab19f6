"""Cursors: what we gave comes back, anything else is refused."""

import base64

import pytest

from careline.pagination import decode_cursor, encode_cursor
from careline.problems import InvalidInput


class TestCursor:
    def test_it_carries_the_key(self) -> None:
        assert decode_cursor(encode_cursor("a", 2), parts=2) == ["a", 2]

    @pytest.mark.parametrize(
        "text",
        [
            "nonsense",
            "ü",
            encode_cursor("a"),
            base64.urlsafe_b64encode(b"{}").decode(),
            base64.urlsafe_b64encode(b"\xff").decode(),
            base64.urlsafe_b64encode(b"[" * 20_000).decode(),
        ],
        ids=["no base64", "no ASCII", "too short", "no list", "no text", "too deep"],
    )
    def test_another_text_is_refused(self, text: str) -> None:
        with pytest.raises(InvalidInput):
            decode_cursor(text, parts=2)
