"""One spelling for each identifier, whatever was typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_profile.identifiers.guess import guess
from customer_profile.identifiers.mask import masked
from customer_profile.identifiers.normal import TYPES, InvalidIdentifierError, normalise

FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
MOBILES = st.from_regex(r"\A1(3[0-9]|5[0-35-9]|8[0-9]|99)[0-9]{8}\Z")


class TestPhones:
    @pytest.mark.parametrize(
        ("typed", "value", "mobile"),
        [
            ("138 0013 8000", "+8613800138000", True),
            ("0086 138-0013-8000", "+8613800138000", True),
            ("8613800138000", "+8613800138000", True),
            ("(86)13800138000", "+8613800138000", True),
            ("86 138 0013 8000", "+8613800138000", True),
            ("013800138000", "+8613800138000", True),
            ("１３８００１３８０００", "+8613800138000", True),
            ("＋86 138 0013 8000", "+8613800138000", True),
            ("tel:+86-138-0013-8000", "+8613800138000", True),
            ("199 1234 5678", "+8619912345678", True),
            ("010-88888888", "+861088888888", False),
            ("010-88888888转123", "+861088888888;ext=123", False),
            ("010-88888888 分机 12", "+861088888888;ext=12", False),
            ("010-88888888-123", "+861088888888;ext=123", False),
            ("+861088888888;ext=123", "+861088888888;ext=123", False),
            ("400-820-8820", "+864008208820", False),
            ("95588", "+8695588", False),
            ("84664163", "+8684664163", False),
            ("+5531988888888", "+5531988888888", True),
        ],
    )
    def test_spellings(self, typed: str, value: str, mobile: bool) -> None:
        normal = normalise("phone", typed)
        assert (normal.value, normal.mobile) == (value, mobile)
        assert normal.typed == typed

    @pytest.mark.parametrize("typed", ["", "abc", "1" * 50, "1" * 5000, "+", "转123", "1-800-FLOWERS", "12\x003456789"])
    def test_what_cannot_be_dialled(self, typed: str) -> None:
        with pytest.raises(InvalidIdentifierError) as refused:
            normalise("phone", typed)
        assert refused.value.rule
        assert refused.value.hint

    def test_mobile_with_extension_names_no_single_person(self) -> None:
        assert not normalise("phone", "13800138000转8").mobile

    @given(
        number=MOBILES,
        prefix=st.sampled_from(["", "86", "+86", "0086", "+86 ", "(86)", "0086-"]),
        gaps=st.sampled_from(["", " ", "-"]),
        wide=st.booleans(),
    )
    def test_every_spelling_of_a_mobile_is_the_same(self, number: str, prefix: str, gaps: str, wide: bool) -> None:
        typed = prefix + gaps.join([number[:3], number[3:7], number[7:]])
        normal = normalise("phone", typed.translate(FULL_WIDTH) if wide else typed)
        assert normal.value == f"+86{number}"
        assert normal.mobile


class TestMail:
    @pytest.mark.parametrize(
        ("typed", "value"),
        [
            (" Ａlice＠Exa.COM ", "alice@exa.com"),
            ("USER@EXAMPLE.COM", "user@example.com"),
            ("STRAßE@x.de", "strasse@x.de"),
            ("li@例子.中国", "li@xn--fsqu00a.xn--fiqs8s"),
            ("john.doe+tag@gmail.com", "john.doe+tag@gmail.com"),
        ],
    )
    def test_spellings(self, typed: str, value: str) -> None:
        normal = normalise("email", typed)
        assert normal.value == value
        assert normal.typed == typed.strip()

    @pytest.mark.parametrize(
        "typed", ["", "@", "a@", "a b@c.de", "a@b", "a@b..c", "a@" + "b" * 300 + ".de", "\ud800@b.de"]
    )
    def test_what_is_no_address(self, typed: str) -> None:
        with pytest.raises(InvalidIdentifierError):
            normalise("email", typed)


class TestOthers:
    def test_card_gaps_and_case(self) -> None:
        assert normalise("card", "6222 0000-abcd", "shop").key == ("62220000ABCD", "card", "shop")

    def test_plate_dot(self) -> None:
        assert normalise("plate", "沪a·12345").value == normalise("plate", "沪 A12345").value

    def test_open_id_keeps_its_case_and_needs_its_app(self) -> None:
        assert normalise("wechat_open", "oAbCdEf", "wx1").key == ("oAbCdEf", "wechat_open", "wx1")
        with pytest.raises(InvalidIdentifierError, match="namespace"):
            normalise("wechat_open", "oAbCdEf")

    def test_namespace_of_a_phone_is_dropped(self) -> None:
        assert normalise("phone", "13800138000", "shop").namespace == ""


@given(kind=st.sampled_from(TYPES), typed=st.text(max_size=60))
def test_anything_is_normalised_or_refused_and_once_is_enough(kind: str, typed: str) -> None:
    try:
        normal = normalise(kind, typed, "app")  # type: ignore[arg-type]
    except InvalidIdentifierError:
        return
    again = normalise(normal.type, normal.value, "app")
    assert again.key == normal.key
    assert normal.value
    assert "\x00" not in normal.value
    assert normal.shown.encode()


def _is_address(typed: str) -> bool:
    try:
        normalise("email", typed)
    except InvalidIdentifierError:
        return False
    return True


@given(st.text(max_size=80))
def test_guessing_never_fails(typed: str) -> None:
    for kind, value in guess(typed):
        assert normalise(kind, value, "any").value == value


@given(st.from_regex(r"\A(\+86|0086|86)?1[3-9][0-9]{9}\Z"))
def test_quick_way_to_a_mobile_is_the_same(typed: str) -> None:
    assert guess(typed)[0] == ("phone", normalise("phone", typed).value)


@given(st.from_regex(r"\A[A-Za-z0-9_\-]+(\.[A-Za-z0-9_\-]+)*@[A-Za-z0-9]+(\.[A-Za-z0-9]+)+\Z").filter(_is_address))
def test_quick_way_to_a_mail_address_is_the_same(typed: str) -> None:
    assert guess(typed) == [("email", normalise("email", typed).value)]


@given(MOBILES)
def test_mask_hides_the_middle(number: str) -> None:
    shown = masked("phone", f"+86{number}")
    assert number[3:7] not in shown[3:7]
    assert len(shown) == 11


@pytest.mark.parametrize(
    ("typed", "kinds"),
    [
        ("13800138000", ["phone", "card", "order"]),
        ("li@example.com", ["email"]),
        ("沪A12345", ["plate"]),
        ("SO-1001", ["card", "order", "plate"]),
        ("vis_01h2xcejqtf2nbrexx3vqjhp41", ["visitor"]),
        ("oABCDEFGHIJKLMNOPQRSTUVWXYZ1", ["wechat_open", "card", "order"]),
        ("张伟", []),
        ("", []),
    ],
)
def test_guesses(typed: str, kinds: list[str]) -> None:
    assert [kind for kind, _ in guess(typed)] == kinds


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("phone", "+8613800138000", "138****8000"),
        ("phone", "+8695588", "****8"),
        ("email", "li@example.com", "l***@example.com"),
        ("card", "62220000", "****00"),
        ("order", "1", "****"),
        ("order", "SO-9", "S****9"),
    ],
)
def test_masks(kind: str, value: str, shown: str) -> None:
    assert masked(kind, value) == shown
