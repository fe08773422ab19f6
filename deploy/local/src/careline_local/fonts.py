"""The Chinese font of what Careline prints, from an npm package, installed once."""

import fcntl
import hashlib
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from careline_local import paths
from careline_local.node import node_environment, npm_command
from careline_local.parts.base import PartError

FOLDER: Final = paths.STATE / "fonts"
_PACKAGE: Final = paths.CHECKOUT / "deploy" / "local" / "fonts"
_FONTS: Final = _PACKAGE / "node_modules" / "@expo-google-fonts" / "noto-sans-sc"
_WEIGHTS: Final = ("400Regular", "700Bold")


def main(arguments: Sequence[str]) -> int:
    """Install it and print where it is."""
    del arguments
    print(install())
    return 0


def install() -> Path:
    """The folder with the font's files, fetched if that was not done yet."""
    paths.STATE.mkdir(exist_ok=True)
    with (paths.STATE / "fonts.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = hashlib.sha256((_PACKAGE / "package-lock.json").read_bytes()).hexdigest()
        stamp = FOLDER / "installed"
        if not stamp.exists() or stamp.read_text() != wanted:
            _fetch()
            _copy()
            stamp.write_text(wanted)
    return FOLDER


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
        raise PartError(f"The font of printed cards could not be installed:\n{done.stderr[-1500:]}")


def _copy() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    for weight in _WEIGHTS:
        for font in (_FONTS / weight).glob("*.ttf"):
            shutil.copy(font, FOLDER)
    shutil.copy(_FONTS / "LICENSE_FONT", FOLDER)
    # The package holds seven more weights, 92 MB in all.
    shutil.rmtree(_PACKAGE / "node_modules")
