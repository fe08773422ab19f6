"""`python -m interaction_router serve|migrate|openapi|asyncapi`."""

from pathlib import Path

from careline.server import Program, main
from interaction_router.events import CATALOGUE
from interaction_router.settings import RouterSettings

PROGRAM = Program(
    name="interaction-router",
    app="interaction_router.app:create_app",
    settings=RouterSettings,
    catalogue=CATALOGUE,
    migrations=Path(__file__).parents[2] / "migrations",
)

if __name__ == "__main__":
    main(PROGRAM)
