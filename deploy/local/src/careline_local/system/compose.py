"""`python -m careline_local compose-env`: the secrets that docker-compose.yml asks for."""

from collections.abc import Sequence
from pathlib import Path

from careline_local import paths
from careline_local.system.folders import Folders
from careline_local.system.services import MAILBOX, SERVICES, service_clients
from careline_local.system.vault import Vault, write_private


def main(arguments: Sequence[str]) -> int:
    """Write the file and say where it is."""
    del arguments
    print(write_environment(Folders(paths.STATE)))
    return 0


def write_environment(folders: Folders) -> Path:
    """Write one line for each secret; the same secrets every time."""
    vault = Vault(folders.secrets)
    path = folders.secrets / "compose.env"
    # Single quotes keep Compose from reading anything into the value.
    write_private(path, "".join(f"{name}='{value}'\n" for name, value in secrets(vault).items()))
    return path


def secrets(vault: Vault) -> dict[str, str]:
    """The variables by name."""
    found = {
        "POSTGRES_PASSWORD": vault.password("database superuser"),
        "MAILBOX_PASSWORD": vault.password(f"mailbox {MAILBOX}"),
        "DIRECTORY_SIGNING_KEY": vault.signing_key("directory signing key"),
        "DIRECTORY_SERVICE_CLIENTS": service_clients(vault),
        "DIRECTORY_BOOTSTRAP_ADMIN_PASSWORD": vault.password("person admin"),
        "CARE_UNSUBSCRIBE_KEY": vault.password("key of unsubscribe links"),
        "FEEDBACK_LINK_KEY": vault.password("key of survey links"),
    }
    for service in SERVICES:
        found[f"{service.prefix}DATABASE_PASSWORD"] = vault.password(f"database {service.database}")
        found[f"{service.prefix}CLIENT_SECRET"] = vault.password(f"client {service.name}")
    return found
