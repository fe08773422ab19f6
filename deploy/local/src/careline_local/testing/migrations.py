"""The one place that knows how a service is migrated in tests."""

from careline import migrations
from careline_local import paths


def migrate(package: str, database_url: str) -> None:
    """Bring a database to the newest version of the service's schema."""
    migrations.migrate(paths.CHECKOUT / "services" / package.replace("_", "-") / "migrations", database_url)
