"""Step 1: demo data are real purchases, through the public import, and a dozen customers with names."""

import csv
import io
from uuid import uuid4

from careline_local.demo import cdnow, load
from careline_local.demo.api import Json
from tests.e2e.stack import PROFILE, Stack
from tests.e2e.waiting import eventually

CHINESE = "lin.xiaomei@qinghe.example"
ENGLISH = "emma.carter@brookfield.example"


def _purchases(stack: Stack, customer_id: str) -> list[Json]:
    return list(stack.admin.items(f"{PROFILE}/customers/{customer_id}/purchases"))


def test_every_purchase_of_the_sample_is_there_once(stack: Stack) -> None:
    sample = cdnow.read()
    assert (len({each.customer for each in sample}), len(sample)) == (cdnow.CUSTOMERS, cdnow.PURCHASES)
    lines = [line for line in stack.demo_lines if "of" in line]
    assert any("2,357 of 2,357" in line for line in lines), "the import shows its progress"
    assert any("6,919 of 6,919" in line for line in lines)
    assert stack.demo_seconds < 30
    for number in (sample[0].customer, sample[-1].customer):
        own = [each for each in sample if each.customer == number]
        known = _purchases(stack, stack.customer_id(number))
        assert {(each["external_id"], each["total_minor"]) for each in known} == {
            (each.external_id, each.cents) for each in own
        }


def test_loading_again_adds_nothing(stack: Stack) -> None:
    customers = [stack.customer_id(each) for each in (CHINESE, ENGLISH)]
    before = [(_purchases(stack, each), stack.timeline(each)) for each in customers]
    load(stack.system)
    assert [(_purchases(stack, each), stack.timeline(each)) for each in customers] == before


def test_named_customers_have_what_a_desk_shows(stack: Stack) -> None:
    for address, phone, name in ((CHINESE, "13800138001", "林小梅"), (ENGLISH, "+44 7700 900107", "Emma Carter")):
        customer_id = stack.customer_id(address)
        assert stack.customer_id(phone) == customer_id
        pop = stack.admin.get(f"{PROFILE}/customers/{customer_id}/screen-pop", identity="verified")
        assert pop["customer"]["name"] == name
        assert pop["household"]
        assert pop["last_purchases"]
        assert pop["contacts"]
        assert {"active", "ends_soon"} <= {each["warranty_state"] for each in pop["products"]}
        assert stack.admin.get(f"{PROFILE}/customers/{customer_id}")["birthday"]


async def test_bad_rows_of_an_import_are_in_its_error_file_and_good_ones_are_kept(stack: Stack) -> None:
    good = f"good.{uuid4().hex[:8]}@customers.example"
    text = f"姓名,邮箱,手机\n好客户,{good},\n坏邮箱,nobody-at-all,\n坏号码,,12\n"
    job = stack.partner.send(
        "POST",
        f"{PROFILE}/imports",
        data={"kind": "customers"},
        files={"file": ("客户.csv", text.encode("gb18030"), "text/csv")},
    )

    def ended() -> Json | None:
        state = stack.partner.get(f"{PROFILE}/imports/{job['id']}")
        return state if state["state"] == "finished" else None

    state = await eventually(ended, seconds=10, what="the end of the import")
    assert (state["rows_total"], state["rows_done"], state["rows_failed"]) == (3, 3, 2)
    errors = stack.partner.request("GET", f"{PROFILE}/imports/{job['id']}/errors")
    rows = list(csv.DictReader(io.StringIO(errors.text.removeprefix("\ufeff"))))
    assert [(row["row"], row["field"], row["value"]) for row in rows] == [
        ("3", "email", "nobody-at-all"),
        ("4", "phone", "12"),
    ]
    assert all(row["rule"] and row["hint"] for row in rows)
    assert stack.customer_id(good)
