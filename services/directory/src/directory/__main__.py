"""`python -m directory serve|migrate|openapi|asyncapi`."""

from pathlib import Path

from careline.server import Program, main
from directory.events import CATALOGUE
from directory.settings import Settings

PROGRAM = Program(
    name="directory",
    app="directory.app:create_app",
    settings=Settings,
    catalogue=CATALOGUE,
    migrations=Path(__file__).parents[2] / "migrations",
)

if __name__ == "__main__":
    main(PROGRAM)
