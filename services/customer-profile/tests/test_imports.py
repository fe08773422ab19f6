"""Imports: good rows in, bad rows in the error file, whatever happens in between."""

import asyncio
import csv
import io
import json
from typing import Any

import httpx
import pytest

from careline.clock import FixedClock
from careline.database import Database
from careline.testing.issuer import TestIssuer
from customer_profile.imports.errors_file import formula_safe

from .factories import MOBILE, a_purchase, post_purchase, some_customer
from .test_customers import told

ENDED = {"finished", "failed", "cancelled"}


async def upload(
    client: httpx.AsyncClient, content: str | bytes, kind: str = "customers", **form: Any
) -> httpx.Response:
    """Send a file."""
    raw = content.encode() if isinstance(content, str) else content
    return await client.post("/v1/imports", data={"kind": kind, **form}, files={"file": ("file.csv", raw, "text/csv")})


async def imported(client: httpx.AsyncClient, content: str | bytes, kind: str = "customers", **form: Any) -> Any:
    """Send a file and wait for its end."""
    answer = await upload(client, content, kind, **form)
    assert answer.status_code == 202, answer.text
    return await ended(client, answer.json()["id"])


async def ended(client: httpx.AsyncClient, job_id: str) -> Any:
    async with asyncio.timeout(60):
        while True:
            job = (await client.get(f"/v1/imports/{job_id}")).json()
            if job["state"] in ENDED:
                return job
            await asyncio.sleep(0.02)


async def faults(client: httpx.AsyncClient, job: Any) -> list[dict[str, str]]:
    """The error file as a spreadsheet reads it."""
    answer = await client.get(f"/v1/imports/{job['id']}/errors")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


async def found(client: httpx.AsyncClient, typed: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await client.get("/v1/lookup", params={"identifier": typed})).json()["items"]
    return items


def counts(job: Any) -> tuple[int, int, int, int]:
    """Created, updated, unchanged, failed; together they are all rows."""
    assert job["rows_done"] == job["rows_total"]
    parts = (job["rows_created"], job["rows_updated"], job["rows_unchanged"], job["rows_failed"])
    assert sum(parts) == job["rows_total"]
    return parts


class TestCustomers:
    async def test_good_rows_in_and_bad_rows_in_the_error_file(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        text = (
            "name,phone,email,tier\n"
            "王芳,138 0013 8000,wang@example.com,gold\n"
            ",139 0000 0001,,\n"
            "Bad,not a phone,also bad,\n"
            "\n"
            "Nobody,,,\n"
            "李娜,139 0000 0002,,regular\n"
            "Short,1\n"
        )
        job = await imported(client, text)
        assert counts(job) == (2, 0, 0, 4)
        assert [(fault["row"], fault["field"]) for fault in await faults(client, job)] == [
            ("3", "name"),
            ("4", "email"),
            ("4", "phone"),
            ("6", "row"),
            ("8", "row"),
        ]
        (wang,) = await found(client, "13800138000")
        assert (wang["name"], wang["tier"]) == ("王芳", "gold")
        assert [kind for _, kind in await told(database, wang["id"])] == [
            "customer.registered",
            "customer.identifier_added",
            "customer.identifier_added",
        ]
        customer = (await client.get(f"/v1/customers/{wang['id']}")).json()
        assert (customer["version"], customer["identifiers"][0]["source"]) == (3, "import")

    async def test_same_file_again_changes_nothing(self, client: httpx.AsyncClient, database: Database) -> None:
        text = "name,card\n" + "".join(f"Customer {n},C-{n:05d}\n" for n in range(700))
        assert counts(await imported(client, text)) == (700, 0, 0, 0)
        assert counts(await imported(client, text)) == (0, 0, 700, 0)
        async with database.read_raw() as connection:
            assert await connection.fetchval("SELECT count(*) FROM customers") == 700

    async def test_known_customer_gets_further_identifiers(self, client: httpx.AsyncClient) -> None:
        customer = await some_customer(client, identifiers=[{"type": "phone", "value": MOBILE}])
        job = await imported(client, "name,phone,email\nAny,13800138000,new@example.com\n")
        assert counts(job) == (0, 1, 0, 0)
        assert [item["id"] for item in await found(client, "new@example.com")] == [customer["id"]]

    async def test_shared_land_line_joins_nobody(self, client: httpx.AsyncClient) -> None:
        await some_customer(client, identifiers=[{"type": "phone", "value": "010-88888888"}])
        job = await imported(client, "name,phone,card\nOther,01088888888,C-001\n")
        (fault,) = await faults(client, job)
        assert (fault["field"], fault["rule"]) == ("phone", "belongs to another customer")

    async def test_row_that_names_two_customers(self, client: httpx.AsyncClient) -> None:
        await some_customer(client, identifiers=[{"type": "phone", "value": MOBILE}])
        await some_customer(client, identifiers=[{"type": "card", "value": "C-001"}])
        job = await imported(client, "name,phone,card\nBoth,13800138000,C-001\n")
        (fault,) = await faults(client, job)
        assert fault["rule"] == "names two customers"

    async def test_repeated_in_the_file(self, client: httpx.AsyncClient) -> None:
        rows = "".join(f"Customer {n},C-{n:03d}\n" for n in range(600))
        job = await imported(client, f"name,card\n{rows}Again,c 003\n")
        (fault,) = await faults(client, job)
        assert (fault["row"], fault["rule"]) == ("602", "repeated in this file")
        assert "Row 5" in fault["hint"]


class TestPurchases:
    HEADER = "external_id,card,namespace,purchased_at,item,quantity,total_minor,currency\n"

    async def test_recorded_with_events_and_timeline(self, client: httpx.AsyncClient, database: Database) -> None:
        await imported(client, "name,card,namespace\nOne,C07,shop\n")
        rows = "".join(f"S-{n},C07,shop,2026-01-0{n + 1}T12:00:00Z,CD,2,150{n},USD\n" for n in range(5))
        job = await imported(client, self.HEADER + rows, "purchases", source="shop")
        assert counts(job) == (5, 0, 0, 0)
        (one,) = await found(client, "S-3")
        purchases = (await client.get(f"/v1/customers/{one['id']}/purchases")).json()["items"]
        assert [item["total_minor"] for item in purchases] == [1504, 1503, 1502, 1501, 1500]
        assert purchases[0]["source"] == "shop"
        timeline = (await client.get(f"/v1/customers/{one['id']}/timeline")).json()["items"]
        assert [entry["kind"] for entry in timeline] == ["purchase"] * 5
        assert [sequence for sequence, _ in await told(database, one["id"])] == list(range(1, 8))

    async def test_same_numbers_as_over_http(self, client: httpx.AsyncClient) -> None:
        customer = await some_customer(client, identifiers=[{"type": "card", "value": "C07"}])
        await post_purchase(
            client,
            a_purchase(
                customer={"id": customer["id"]},
                external_id="S-1",
                purchased_at="2026-01-01T12:00:00Z",
                items=[{"name": "CD", "quantity": 1, "amount_minor": 1}],
                total_minor=1,
                currency="USD",
            ),
        )
        rows = "S-1,C07,,2026-01-01T20:00:00+08:00,CD,1,1,USD\nS-1x,C07,,2026-01-01T12:00:00Z,CD,1,2,USD\n"
        assert counts(await imported(client, self.HEADER + rows, "purchases", source="shop")) == (1, 0, 1, 0)
        job = await imported(
            client, self.HEADER + "S-1,C07,,2026-01-01T12:00:00Z,CD,1,99,USD\n", "purchases", source="shop"
        )
        (fault,) = await faults(client, job)
        assert (fault["field"], fault["rule"]) == ("external_id", "another purchase has this number")

    async def test_bad_rows(self, client: httpx.AsyncClient) -> None:
        await imported(client, "name,card\nOne,C07\n")
        good = ["S-1", "C07", "", "2026-01-01T12:00:00Z", "CD", "1", "1", "USD"]
        changes = {0: "", 1: "C08", 3: "yesterday", 5: "0", 6: "1e400", 7: "dollars"}
        rows = [[*good[:at], value, *good[at + 1 :]] for at, value in changes.items()]
        rows[1][0] = "S-2"
        rows.append(good)
        text = self.HEADER + "".join(",".join(row) + "\n" for row in rows)
        job = await imported(client, text, "purchases")
        assert counts(job) == (1, 0, 0, 6)
        assert [fault["field"] for fault in await faults(client, job)] == [
            "external_id",
            "card",
            "purchased_at",
            "quantity",
            "total_minor",
            "currency",
        ]

    async def test_dry_run_says_the_same_and_keeps_nothing(self, client: httpx.AsyncClient, database: Database) -> None:
        await imported(client, "name,card\nOne,C07\n")
        rows = "".join(f"S-{n},C0{7 + n % 2},,2026-01-01T12:00:00Z,CD,1,1,USD\n" for n in range(1200))
        dry = await imported(client, self.HEADER + rows, "purchases", dry_run="true")
        async with database.read_raw() as connection:
            assert await connection.fetchval("SELECT count(*) FROM purchases") == 0
            assert await connection.fetchval("SELECT count(*) FROM timeline_entries") == 0
        real = await imported(client, self.HEADER + rows, "purchases")
        assert counts(dry) == counts(real) == (600, 0, 0, 600)
        assert await faults(client, dry) == await faults(client, real)


class TestFile:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    async def test_encodings_and_delimiters(self, client: httpx.AsyncClient, encoding: str, delimiter: str) -> None:
        text = delimiter.join(["姓名", "手机"]) + "\r\n" + delimiter.join(["欧阳娜娜𠮷", "138-0013-8000"]) + "\r\n"
        job = await imported(client, text.encode(encoding))
        assert counts(job) == (1, 0, 0, 0)
        assert (await found(client, MOBILE))[0]["name"] == "欧阳娜娜𠮷"

    async def test_columns_named_by_the_caller(self, client: httpx.AsyncClient) -> None:
        columns = json.dumps({"Kundin": "name", "Tel.": "phone", "Notiz": None})
        job = await imported(client, "Kundin,Tel.,Notiz\nAnna,13800138000,x\n", columns=columns)
        assert counts(job) == (1, 0, 0, 0)

    @pytest.mark.parametrize(
        ("content", "rule"),
        [
            (b"", "empty file"),
            (b"name,card\n", "no rows"),
            (b"PK\x03\x04 zip bomb", "packed file"),
            (b"\x1f\x8b gzip bomb", "packed file"),
            (b"\xff\xfen\x00a\x00", "UTF-16"),
            (b"name,card\nA\x00,1\n", "not a text"),
            (b"name,card\n\xff\xff\xff,1\n", "unknown encoding"),
            (b"name,shoe_size\nA,1\n", "unknown column 'shoe_size'"),
            (b"name,name\nA,B\n", "two columns for one field"),
            (b'name,card\n"A,1\n', "broken CSV in line 2"),
            (b"name,card\n" + b"x" * 200_000 + b",1\n", "broken CSV in line 2"),
        ],
    )
    async def test_unreadable(self, client: httpx.AsyncClient, content: bytes, rule: str) -> None:
        answer = await upload(client, content)
        assert answer.status_code == 422
        (error,) = answer.json()["errors"]
        assert (error["field"], error["rule"]) == ("file", rule)
        assert error["hint"]

    @pytest.mark.parametrize(
        ("form", "field"),
        [
            ({"kind": "complaints"}, "kind"),
            ({"colour": "red"}, "colour"),
            ({"columns": "no json"}, "columns"),
            ({"columns": '{"name": "shoe_size"}'}, "file"),
            ({"columns": '{"Name": "name"}'}, "file"),
            ({"source": "a b"}, "source"),
            ({"dry_run": "perhaps"}, "dry_run"),
        ],
    )
    async def test_wrong_form(self, client: httpx.AsyncClient, form: dict[str, str], field: str) -> None:
        answer = await client.post(
            "/v1/imports", data={"kind": "customers"} | form, files={"file": ("f.csv", b"name,card\nA,1\n")}
        )
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == field

    async def test_too_large(self, client: httpx.AsyncClient) -> None:
        answer = await upload(client, b"name,card\n" + b"x" * (33 << 20))
        assert answer.status_code == 413

    async def test_no_file(self, client: httpx.AsyncClient) -> None:
        assert (await client.post("/v1/imports", json={"kind": "customers"})).status_code == 422

    async def test_errors_run_nothing(self, client: httpx.AsyncClient) -> None:
        job = await imported(client, 'name,phone\nA,"=HYPERLINK(""http://evil"")"\nB,\uff1d1+1\n')
        values = [fault["value"] for fault in await faults(client, job)]
        assert values == ['\'=HYPERLINK("http://evil")', "'\uff1d1+1"]

    @pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "\uff20x", "|x", "%x"])
    def test_formula_signs(self, cell: str) -> None:
        assert formula_safe(cell) == f"'{cell}"

    @pytest.mark.parametrize("cell", ["", "1", "a=b", "王芳"])
    def test_other_cells(self, cell: str) -> None:
        assert formula_safe(cell) == cell


class TestControl:
    TEXT = "name,card\n" + "".join(f"Customer {n},C-{n:05d}\n" for n in range(3000))

    async def test_pause_and_resume(self, client: httpx.AsyncClient, database: Database) -> None:
        path = f"/v1/imports/{(await upload(client, self.TEXT)).json()['id']}"
        paused = (await client.post(f"{path}/pause")).json()
        assert paused["state"] == "paused"
        await asyncio.sleep(0.3)
        still = (await client.get(path)).json()
        assert still["rows_done"] == paused["rows_done"] < 3000
        assert (await client.post(f"{path}/pause")).status_code == 200
        assert (await client.post(f"{path}/resume")).json()["state"] in {"queued", "running"}
        assert counts(await ended(client, still["id"])) == (3000, 0, 0, 0)
        async with database.read_raw() as connection:
            assert await connection.fetchval("SELECT count(*) FROM customers") == 3000

    async def test_cancel(self, client: httpx.AsyncClient, database: Database) -> None:
        path = f"/v1/imports/{(await upload(client, self.TEXT)).json()['id']}"
        cancelled = (await client.post(f"{path}/cancel")).json()
        assert cancelled["state"] == "cancelled"
        assert cancelled["finished_at"]
        await asyncio.sleep(0.2)
        async with database.read_raw() as connection:
            assert await connection.fetchval("SELECT count(*) FROM customers") == cancelled["rows_done"]
        assert (await client.post(f"{path}/cancel")).status_code == 200
        answer = await client.post(f"{path}/resume")
        assert answer.status_code == 409
        assert answer.json()["state"] == "cancelled"

    async def test_ended(self, client: httpx.AsyncClient) -> None:
        job = await imported(client, "name,card\nA,1\n")
        for verb in ("pause", "resume", "cancel"):
            assert (await client.post(f"/v1/imports/{job['id']}/{verb}")).status_code == 409

    async def test_unknown_and_foreign_look_the_same(self, client: httpx.AsyncClient, issuer: TestIssuer) -> None:
        job = await imported(client, "name,card\nA,1\n")
        foreign = issuer.headers("cli_other", scopes=["imports:write"], kind="client")
        unknown = "/v1/imports/imp_01h2xcejqtf2nbrexx3vqjhp41"
        for verb, path in (("GET", ""), ("GET", "/errors"), ("POST", "/pause"), ("POST", "/cancel")):
            for headers, base in ((foreign, f"/v1/imports/{job['id']}"), ({}, unknown)):
                answer = await client.request(verb, base + path, headers=headers)
                assert answer.status_code == 404
                assert answer.json()["type"] == "urn:careline:problem:not-found"

    async def test_file_goes_when_the_job_has_ended(
        self, client: httpx.AsyncClient, database: Database, tmp_path: Any, clock: FixedClock
    ) -> None:
        await imported(client, "name,card\nA,1\n")
        async with asyncio.timeout(10):
            while any((tmp_path / "objects" / "imports").iterdir()):
                await asyncio.sleep(0.05)
            async with database.read_raw() as connection:
                while await connection.fetchval("SELECT count(*) FROM imports WHERE file_kept"):
                    await asyncio.sleep(0.05)
