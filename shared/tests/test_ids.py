"""TypeIDs: the vectors of the specification, and that the text form loses nothing."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careline.ids import decode, encode, new_id


class TestEncode:
    @pytest.mark.parametrize(
        ("text", "uuid"),
        [
            # Valid vectors of the TypeID specification 0.3.
            ("prefix_0123456789abcdefghjkmnpqrs", "0110c853-1d09-52d8-d73e-1194e95b5f19"),
            ("prefix_01h455vb4pex5vsknk084sn02q", "01890a5d-ac96-774b-bcce-b302099a8057"),
            ("prefix_00000000000000000000000000", "00000000-0000-0000-0000-000000000000"),
            ("prefix_7zzzzzzzzzzzzzzzzzzzzzzzzz", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
        ],
    )
    def test_vectors(self, text: str, uuid: str) -> None:
        assert encode("prefix", UUID(uuid)) == text
        assert decode("prefix", text) == UUID(uuid)

    @given(st.uuids())
    def test_round_trip(self, value: UUID) -> None:
        assert decode("cus", encode("cus", value)) == value

    def test_new_ids_sort_by_time(self) -> None:
        ids = [new_id() for _ in range(100)]
        assert [encode("cus", value) for value in sorted(ids)] == sorted(encode("cus", value) for value in ids)


class TestDecode:
    @pytest.mark.parametrize(
        "text",
        [
            "per_01h455vb4pex5vsknk084sn02q",
            "01h455vb4pex5vsknk084sn02q",
            "cus_01h455vb4pex5vsknk084sn02",
            "cus_01H455VB4PEX5VSKNK084SN02Q",
            "cus_8zzzzzzzzzzzzzzzzzzzzzzzzz",
            "cus_01h455vb4pex5vsknk084sn0ü1",
            "",
        ],
    )
    def test_refuses(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"must|names"):
            decode("cus", text)
