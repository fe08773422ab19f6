"""`python -m customer_profile serve|migrate|openapi|asyncapi`."""

from pathlib import Path

from careline.server import Program, main
from customer_profile.events import CATALOGUE
from customer_profile.settings import Settings

PROGRAM = Program(
    name="profile",
    app="customer_profile.app:create_app",
    settings=Settings,
    catalogue=CATALOGUE,
    migrations=Path(__file__).parents[2] / "migrations",
)

if __name__ == "__main__":
    main(PROGRAM)
