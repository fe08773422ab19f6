"""The page: its packages installed and its files built once per change of their sources.

`python -m careline_local page build | check | npm …` does by hand what `make run` and `make test` do.
"""

import fcntl
import hashlib
import subprocess
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from careline_local import paths
from careline_local.node import node_environment, npm_command
from careline_local.parts.base import PartError
from careline_local.parts.processes import tail

DIST: Final = paths.DESK / "dist"
_STATE: Final = paths.STATE / "page"
_SOURCES: Final = ("src", "public", "scripts")
_CHECKS: Final = ("tsc", "lint", "test", "size")


def main(arguments: Sequence[str]) -> int:
    """Build, check, or run npm in the folder of the page."""
    word, *rest = arguments or ["build"]
    if word == "npm":
        return _npm_here(rest)
    if word == "check":
        return check()
    print("The page was built." if build() else "The page is up to date.")
    return 0


def build() -> bool:
    """Install and build what is not up to date; return whether a build was needed."""
    with _one_at_a_time():
        wanted = _hash_of(_source_files())
        stamp = _STATE / "built"
        if (DIST / "index.html").exists() and _text(stamp) == wanted:
            return False
        _install()
        stamp.unlink(missing_ok=True)
        _npm(["run", "build"], "The page could not be built")
        stamp.write_text(wanted)
        return True


def check() -> int:
    """Build, then run the checks side by side and show what each said; the number of those that failed."""
    build()
    # Types and lint read what this writes.
    _npm(["run", "types"], "The types of the interfaces could not be written")
    with ThreadPoolExecutor() as pool:
        runs = [pool.submit(_npm_said, ["run", check]) for check in _CHECKS]
        failed = 0
        for run in as_completed(runs):
            code, said = run.result()
            print(said, flush=True)
            failed += code != 0
    return failed


def _install() -> None:
    wanted = _hash_of([paths.DESK / "package.json", paths.DESK / "package-lock.json"])
    stamp = paths.DESK / "node_modules" / ".careline-installed"
    if _text(stamp) == wanted:
        return
    # No package runs a script of its own on this machine; the build needs none of them.
    _npm(["ci", "--ignore-scripts"], "The packages of the page could not be installed")
    stamp.write_text(wanted)


def _npm(words: Sequence[str], complaint: str) -> None:
    log = _STATE / "npm.log"
    with log.open("wb") as output:
        done = subprocess.run(
            [*npm_command(), *words],
            check=False,
            cwd=paths.DESK,
            env=node_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    if done.returncode != 0:
        raise PartError(f"{complaint}; the end of {log}:\n{tail(log, 15)}")


def _npm_here(words: Sequence[str]) -> int:
    """Run npm with the terminal as its own."""
    return subprocess.run([*npm_command(), *words], check=False, cwd=paths.DESK, env=node_environment()).returncode


def _npm_said(words: Sequence[str]) -> tuple[int, str]:
    """Exit code and output of npm."""
    done = subprocess.run(
        [*npm_command(), *words],
        check=False,
        cwd=paths.DESK,
        env=node_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return done.returncode, done.stdout


def _source_files() -> list[Path]:
    """What a build depends on: the sources, and every file at the top of the package."""
    below = (path for folder in _SOURCES for path in (paths.DESK / folder).rglob("*"))
    return sorted(path for path in [*below, *paths.DESK.iterdir()] if path.is_file())


def _hash_of(files: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for path in files:
        digest.update(f"{path.relative_to(paths.DESK)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _text(path: Path) -> str | None:
    return path.read_text() if path.exists() else None


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two builds at once would delete each other's files."""
    _STATE.mkdir(parents=True, exist_ok=True)
    with (_STATE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
