"""`python -m feedback serve|migrate|openapi|asyncapi`."""

from pathlib import Path

from careline.server import Program, main
from feedback.events import CATALOGUE
from feedback.settings import Settings

PROGRAM = Program(
    name="feedback",
    app="feedback.app:create_app",
    settings=Settings,
    catalogue=CATALOGUE,
    migrations=Path(__file__).parents[2] / "migrations",
)

if __name__ == "__main__":
    main(PROGRAM)
