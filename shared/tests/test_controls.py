"""The negative control really is the fault that it stands for."""

import asyncio

from careline.controls import LATE_SECONDS
from careline.database import Database
from careline.settings import ServiceSettings


async def test_commit_comes_after_the_answer(settings: ServiceSettings, database: Database) -> None:
    faulty = Database(settings.model_copy(update={"control_commit_after_answer": True}), application_name="control")
    count = "SELECT count(*) FROM things"
    async with faulty.at_the_edge(faulty.write_raw()) as connection:
        await connection.execute("INSERT INTO things (name, number) VALUES ('late', 1)")
    async with database.read_raw() as reader:
        assert await reader.fetchval(count) == 0
        await asyncio.sleep(LATE_SECONDS * 2)
        assert await reader.fetchval(count) == 1
    await faulty.close()
