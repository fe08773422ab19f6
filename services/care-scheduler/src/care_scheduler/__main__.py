"""`python -m care_scheduler serve|migrate|openapi|asyncapi`."""

from pathlib import Path

from care_scheduler.events import CATALOGUE
from care_scheduler.settings import Settings
from careline.server import Program, main

PROGRAM = Program(
    name="care",
    app="care_scheduler.app:create_app",
    settings=Settings,
    catalogue=CATALOGUE,
    migrations=Path(__file__).parents[2] / "migrations",
)

if __name__ == "__main__":
    main(PROGRAM)
