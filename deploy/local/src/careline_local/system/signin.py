"""Where a person finds the generated passwords."""

from pathlib import Path

from careline_local.system.system import System
from careline_local.system.vault import write_private

_PERSON = "person "


def write_sign_in(system: System) -> Path:
    """List the logins of the vault with their passwords in a file that only its owner may read."""
    logins = system.vault.starting_with(_PERSON)
    width = max(len(login) for login in logins)
    lines = [f"{login:{width}}  {password}" for login, password in logins.items()]
    path = system.folders.secrets / "sign-in.txt"
    write_private(path, f"Page: {system.addresses.public_url}\n\n" + "\n".join(lines) + "\n")
    return path
