"""`python -m directory serve|migrate|openapi|asyncapi`."""

from pathlib import Path

from careline.server import Program, main
from directory.app import create_app
from directory.events import CATALOGUE
from directory.settings import Settings

PROGRAM = Program(
    name="directory",
    create_app=create_app,
    settings=Settings,
    catalogue=CATALOGUE,
    migrations=Path(__file__).parents[2] / "migrations",
)

if __name__ == "__main__":
    main(PROGRAM)
