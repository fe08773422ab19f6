"""Loads everything in its order."""

from contextlib import closing
from datetime import UTC, datetime
from typing import Final

from careline_local.demo import departments, people, routing
from careline_local.demo.api import PersonCaller, SignInRefusedError
from careline_local.demo.customers import NamedCustomers
from careline_local.demo.imports import Imports
from careline_local.system.system import System

ADMIN: Final = "admin"


def load(system: System) -> None:
    """Add what is missing of the demo data to a running system."""
    origin = system.addresses.public_url
    try:
        admin = PersonCaller(origin, ADMIN, system.vault.password(f"person {ADMIN}"))
    except SignInRefusedError:
        system.progress.say(f"  Demo data: left as they are, because {ADMIN} has another password by now")
        return
    with closing(admin):
        departments.ensure_calendars(admin)
        known = departments.ensure_departments(admin)
        ids = {key: str(department["id"]) for key, department in known.items()}
        colleagues = people.ensure_colleagues(admin, system.vault, ids)
        by_login = {colleague.login: person for colleague, person in colleagues}
        departments.ensure_heads(admin, known, by_login)
        routing.set_up(admin, colleagues)
        with closing(people.ensure_partner(admin, origin, system.folders.secrets)) as partner:
            NamedCustomers(admin, partner, datetime.now(UTC), by_login).ensure()
            Imports(partner, system.folders.data, system.progress.say).ensure()
