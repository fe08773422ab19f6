"""The one place that knows how a service is migrated in tests."""

from alembic import command
from alembic.config import Config

from careline_local import paths


def migrate(package: str, database_url: str) -> None:
    """Bring a database to the newest version of the service's schema."""
    folder = paths.CHECKOUT / "services" / package.replace("_", "-")
    config = Config(folder / "alembic.ini")
    config.set_main_option("script_location", str(folder / "migrations"))
    config.attributes["database_url"] = database_url
    command.upgrade(config, "head")
