"""What is far too big, or is made to become so, costs its sender an answer and us nothing."""

import gzip
import hashlib
import io
import time
import zipfile
from collections.abc import Iterator

import httpx
import psutil
import pytest

from careline_local.demo.api import Json
from tests.circle.world import CARE, FEEDBACK, World
from tests.e2e.mails import Letter
from tests.e2e.stack import DIRECTORY, PROFILE, ROUTER
from tests.e2e.waiting import eventually

MEGABYTE = 1024 * 1024
BODY_BYTES = 50 * MEGABYTE
# A worker holds a body of its limit in pieces now and then; of fifty megabytes it must not hold half.
MAY_GROW_BYTES = 24 * MEGABYTE
ANSWERS_WITHIN_SECONDS = 20
DOORS = {
    "directory": ("POST", f"{DIRECTORY}/people"),
    "customer-profile": ("POST", f"{PROFILE}/customers"),
    "interaction-router": ("POST", f"{ROUTER}/interactions"),
    "care-scheduler": ("PUT", f"{CARE}/caps"),
    "feedback": ("POST", f"{FEEDBACK}/complaints/web"),
}


@pytest.mark.parametrize("service", DOORS)
def test_fifty_megabytes_are_refused_and_kept_by_nobody(world: World, service: str) -> None:
    method, path = DOORS[service]
    memory = _Memory(world, service)
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {world.stack.admin.token()}"}
    with httpx.Client(base_url=world.stack.origin, timeout=ANSWERS_WITHIN_SECONDS, trust_env=False) as client:
        announced = client.request(method, path, content=b"x" * BODY_BYTES, headers=headers)
        streamed = client.request(method, path, content=_pieces(), headers=headers)
        after = client.get(path, headers=headers)
    for answer in (announced, streamed):
        assert answer.status_code == 413, answer.text
        assert answer.json()["type"] == "urn:careline:problem:body-too-large"
        assert answer.headers["content-type"] == "application/problem+json"
    assert after.status_code < 500, "the line to the service is as good as before"
    assert memory.grown() < MAY_GROW_BYTES


def test_what_is_packed_is_not_unpacked_at_the_door(world: World) -> None:
    memory = _Memory(world, "feedback")
    bomb = gzip.compress(b" " * BODY_BYTES)
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip", "Idempotency-Key": "bomb"}
    answer = httpx.post(f"{world.stack.origin}{FEEDBACK}/complaints/web", content=bomb, headers=headers, timeout=20)
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert memory.grown() < MAY_GROW_BYTES


async def test_a_zip_bomb_by_mail_is_kept_as_it_came(world: World) -> None:
    """A hundred times ten megabytes of nothing, packed twice: a gigabyte for whoever looks inside."""
    bomb = _bomb()
    assert len(bomb) < MEGABYTE
    sender = f"bomber-{hashlib.sha256(bomb).hexdigest()[:8]}@strangers.example"
    agent = world.stack.hire("Ada", ["mail"])
    agent.go("available")
    memory = _Memory(world, "interaction-router")
    world.stack.post.send(Letter(sender, "请看附件。", attachments=[("invoice.zip", bomb)]), signed_by=None)

    def offered() -> Json | None:
        return next((each for each in agent.offers() if each["interaction"]["channel"] == "mail"), None)

    interaction_id = agent.accept(await eventually(offered, seconds=20, what="the mail"))
    (message,) = agent.api.get(f"{ROUTER}/interactions/{interaction_id}/messages")["items"]
    (attachment,) = message["attachments"]
    assert (attachment["name"], attachment["size"]) == ("invoice.zip", len(bomb))
    kept = agent.api.request("GET", f"{ROUTER}/attachments/{attachment['id']}")
    assert kept.content == bomb, "byte for byte"
    assert kept.headers["content-disposition"].startswith("attachment")
    assert memory.grown() < MAY_GROW_BYTES


def _pieces() -> Iterator[bytes]:
    """Fifty megabytes that nobody has announced."""
    piece = b"x" * MEGABYTE
    return (piece for _ in range(BODY_BYTES // MEGABYTE))


def _bomb() -> bytes:
    inner = _zipped({"zeros": b"\0" * (10 * MEGABYTE)})
    return _zipped({f"{number}.zip": inner for number in range(100)})


def _zipped(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


class _Memory:
    """How much the gateway and a service have grown since they were first looked at."""

    def __init__(self, world: World, service: str) -> None:
        system = world.stack.system
        pids = [part.process.pid for part in (system.gateway, system.service(service))]
        roots = [psutil.Process(pid) for pid in pids if pid is not None]
        self._processes = [each for root in roots for each in (root, *root.children(recursive=True))]
        self._before = self._now()

    def grown(self) -> int:
        """Bytes that stay; what is only on its way to the collector goes in a moment."""
        until = time.monotonic() + 2
        while (grown := self._now() - self._before) >= MAY_GROW_BYTES and time.monotonic() < until:
            time.sleep(0.1)
        return grown

    def _now(self) -> int:
        return sum(each.memory_info().rss for each in self._processes)
