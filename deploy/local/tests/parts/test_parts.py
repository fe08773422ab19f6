"""What every part promises: it starts, breaks and mends, and its data outlive all of it."""

import asyncio
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from careline_local.parts.base import Part, PartError
from careline_local.parts.greenmail import GreenMail
from careline_local.parts.kafka import Kafka
from careline_local.parts.ports import LOOPBACK, free_port, is_free
from careline_local.parts.postgresql import PostgreSQL


@pytest.fixture
def postgresql(tmp_path: Path) -> Iterator[PostgreSQL]:
    part = PostgreSQL(tmp_path / "postgresql")
    part.start()
    yield part
    part.stop()


@pytest.fixture
def kafka(tmp_path: Path) -> Iterator[Kafka]:
    part = Kafka(tmp_path / "kafka")
    part.start()
    yield part
    part.stop()


class TestPostgreSQL:
    async def test_keeps_committed_rows_over_kill_and_stop(self, postgresql: PostgreSQL) -> None:
        address = postgresql.address
        await _query(address, "CREATE TABLE kept AS SELECT 1 AS number")
        postgresql.kill()
        assert not postgresql.ready()
        postgresql.start()
        await _query(address, "INSERT INTO kept VALUES (2)")
        postgresql.stop()
        postgresql.start()
        assert await _query(address, "SELECT sum(number) FROM kept") == 3

    async def test_starts_again_after_only_its_first_process_was_killed(self, postgresql: PostgreSQL) -> None:
        connection = await asyncpg.connect(f"{postgresql.address}/postgres")
        assert postgresql.process.pid is not None
        os.kill(postgresql.process.pid, signal.SIGKILL)
        postgresql.process.kill()
        postgresql.start()
        assert postgresql.ready()
        connection.terminate()

    async def test_kill_ends_the_sessions_too(self, postgresql: PostgreSQL) -> None:
        connection = await asyncpg.connect(f"{postgresql.address}/postgres")
        backend = await connection.fetchval("SELECT pg_backend_pid()")
        postgresql.kill()
        assert not _alive(backend)
        connection.terminate()

    async def test_frozen_answers_nobody_and_goes_on_when_thawed(self, postgresql: PostgreSQL) -> None:
        connection = await asyncpg.connect(f"{postgresql.address}/postgres")
        postgresql.freeze()
        assert not postgresql.ready()
        pending = asyncio.create_task(connection.fetchval("SELECT 7"))
        done, _ = await asyncio.wait([pending], timeout=0.3)
        assert not done
        postgresql.thaw()
        assert await pending == 7
        await connection.close()

    async def test_wants_a_password(self, postgresql: PostgreSQL) -> None:
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(f"postgresql://postgres:guess@{LOOPBACK}:{postgresql.port}/postgres")

    def test_runs_where_no_other_user_may_enter(self, tmp_path: Path) -> None:
        closed = tmp_path / "closed"
        closed.mkdir(mode=0o700)
        part = PostgreSQL(closed / "postgresql")
        part.start()
        assert part.ready()
        part.stop()

    def test_ends_what_a_killed_launcher_left_running(self, postgresql: PostgreSQL) -> None:
        left = postgresql.process.pid
        assert left is not None
        successor = PostgreSQL(postgresql.folder, port=postgresql.port)
        successor.start()
        assert not _alive(left)
        assert successor.ready()
        successor.stop()

    def test_says_which_port_is_taken(self, tmp_path: Path) -> None:
        with socket.create_server((LOOPBACK, 0)) as other:
            part = PostgreSQL(tmp_path / "postgresql", port=other.getsockname()[1])
            with pytest.raises(PartError, match=f"{part.port}"):
                part.start()


class TestKafka:
    async def test_keeps_messages_over_kill_and_stop(self, kafka: Kafka) -> None:
        topic = f"kept-{uuid4().hex}"
        await _create_topic(kafka, topic)
        await _send(kafka, topic, b"before the kill")
        kafka.kill()
        assert not kafka.ready()
        kafka.start()
        await _send(kafka, topic, b"after the kill")
        kafka.stop()
        kafka.start()
        assert await _read(kafka, topic, 2) == [b"before the kill", b"after the kill"]

    async def test_frozen_answers_nobody_and_goes_on_when_thawed(self, kafka: Kafka) -> None:
        kafka.freeze()
        assert not kafka.ready()
        kafka.thaw()
        assert kafka.ready()

    def test_says_why_it_ended_when_its_port_is_taken(self, tmp_path: Path) -> None:
        with socket.create_server((LOOPBACK, 0)) as other:
            part = Kafka(tmp_path / "kafka", port=other.getsockname()[1])
            with pytest.raises(PartError, match="Address already in use"):
                part.start()


class TestGreenMail:
    def test_starts_breaks_and_mends_and_hides_its_passwords(self, tmp_path: Path) -> None:
        part = GreenMail(tmp_path / "greenmail", mailboxes={"care@careline.example": "a-password"})
        part.start()
        assert part.ready()
        assert b"a-password" not in Path(f"/proc/{part.process.pid}/cmdline").read_bytes()
        part.kill()
        assert not part.ready()
        part.start()
        assert part.ready()
        part.stop()
        assert not part.ready()


def test_every_part_fulfils_the_interface(tmp_path: Path) -> None:
    parts: list[Part] = [PostgreSQL(tmp_path), Kafka(tmp_path), GreenMail(tmp_path, mailboxes={})]
    assert [part.name for part in parts] == ["PostgreSQL", "Kafka", "GreenMail"]
    assert not any(part.ready() for part in parts[1:])


def test_a_port_is_free_until_somebody_listens() -> None:
    port = free_port()
    with socket.create_server((LOOPBACK, port)):
        assert not is_free(port)
    assert is_free(port)


def test_a_port_given_away_is_nobody_elses() -> None:
    port = free_port()
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind((LOOPBACK, port))


async def _query(address: str, statement: str) -> object:
    connection = await asyncpg.connect(f"{address}/postgres")
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"


async def _create_topic(kafka: Kafka, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.address)
    await admin.start()
    await admin.create_topics([NewTopic(topic, 1, 1)])
    await admin.close()


async def _send(kafka: Kafka, topic: str, message: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=kafka.address, acks="all") as producer:
        await producer.send_and_wait(topic, message)


async def _read(kafka: Kafka, topic: str, count: int) -> list[bytes]:
    async with AIOKafkaConsumer(topic, bootstrap_servers=kafka.address, auto_offset_reset="earliest") as consumer:
        return [(await anext(consumer)).value for _ in range(count)]
