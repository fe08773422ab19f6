"""`test-parts -- COMMAND`: PostgreSQL and Kafka once for all workers of a test run."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from careline_local.parts import choice, jars
from careline_local.testing import servers


def main(arguments: Sequence[str]) -> int:
    """Start the servers, run the command with their addresses in its environment, stop them."""
    command = [word for word in arguments if word != "--"]
    # So that the servers are stopped as after any other end.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    # Fetched now, all of them: within a test the way out is closed.
    jars.fetch()
    with servers.run_folder() as folder:
        postgresql = choice.postgresql(folder / "postgresql")
        kafka = choice.kafka(folder / "kafka")
        parts = [postgresql, kafka]
        try:
            with ThreadPoolExecutor() as pool:
                list(pool.map(lambda part: part.start(), parts))
            addresses = {
                servers.POSTGRES_VARIABLE: postgresql.address,
                servers.KAFKA_VARIABLE: kafka.address,
            }
            return _run(command, addresses)
        finally:
            with ThreadPoolExecutor() as pool:
                list(pool.map(lambda part: part.stop(), parts))


def _run(command: Sequence[str], addresses: dict[str, str]) -> int:
    with subprocess.Popen(command, env=os.environ | addresses, stdin=subprocess.DEVNULL) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            # The terminal has told the command as well; it reports before it ends.
            print("Stopping the tests …", file=sys.stderr)
            return process.wait()
        except SystemExit:
            process.terminate()
            raise
