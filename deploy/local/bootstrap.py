"""Make `.careline/venv` what the lock files say; costs nothing when it is so already.

Runs on the Python of the machine, before anything is installed, and so uses the standard library only.
"""
# ruff: noqa: INP001 -- a script beside the package.

import errno
import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
STATE = CHECKOUT / ".careline"
VENV = STATE / "venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed"

HERE = CHECKOUT / "deploy" / "local"
UV_LOCK = HERE / "bootstrap.lock"
LOCK = CHECKOUT / "requirements.lock"
DEMO_LOCK = HERE / "demo.lock"
PACKAGES = [
    CHECKOUT / "shared",
    HERE,
    *(CHECKOUT / "services" / name for name in ("customer-profile", "interaction-router", "care-scheduler")),
    *(CHECKOUT / "services" / name for name in ("feedback", "directory")),
]
# Measured: the Python packages take 1.0 GB with their downloads, all that `make run` adds takes 0.6 GB.
NEEDED_GB = 2.0


def main() -> None:
    """Install what is missing, one process at a time."""
    STATE.mkdir(exist_ok=True)
    with (STATE / "install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = _wanted()
        if STAMP.exists() and STAMP.read_text() == wanted:
            return
        _check_machine()
        started = time.monotonic()
        _say("Python packages: installing …")
        _make_environment()
        _install()
        STAMP.write_text(wanted)
        _say(f"Python packages: installed ({time.monotonic() - started:.1f} s)")


def _wanted() -> str:
    """A hash over everything that decides what gets installed."""
    parts = [UV_LOCK, LOCK, DEMO_LOCK, *(package / "pyproject.toml" for package in PACKAGES)]
    content = b"\0".join([sys.version.encode(), str(CHECKOUT).encode(), *(part.read_bytes() for part in parts)])
    return hashlib.sha256(content).hexdigest()


def _check_machine() -> None:
    if importlib.util.find_spec("ensurepip") is None:
        sys.exit(
            "This Python has no ensurepip, without which no virtual environment can be made: "
            "install your system's package for it (on Debian and Ubuntu: python3-venv) and start again."
        )
    free_gb = shutil.disk_usage(STATE).free / 1e9
    if free_gb < NEEDED_GB and not STAMP.exists():
        sys.exit(
            f"The disk that holds {STATE} has {free_gb:.1f} GB free, a first start needs {NEEDED_GB:.1f} GB: "
            "make room and start again."
        )


def _make_environment() -> None:
    if not _works():
        _run([sys.executable, "-m", "venv", "--clear", str(VENV)])
    _run([PYTHON, "-m", "pip", "install", "-q", "--no-deps", "--require-hashes", "-r", UV_LOCK])


def _works() -> bool:
    """Whether an environment is there, of this version of Python, with pip in it."""
    if not PYTHON.exists():
        return False
    question = "import pip, sys; print(sys.version)"
    answer = subprocess.run([PYTHON, "-c", question], check=False, capture_output=True, text=True)
    return answer.returncode == 0 and answer.stdout.strip() == sys.version.strip()


def _install() -> None:
    # `install`, not `sync`: that one would remove our own packages for a moment, under the feet of what runs.
    # Compiled once here: a dozen processes start from it, and some machines forbid Python to keep what it compiles.
    uv: list[str | Path] = [PYTHON, "-m", "uv", "pip", "install", "-q", "--compile-bytecode", "--python", PYTHON]
    _run([*uv, "--require-hashes", "-r", LOCK])
    _run([*uv, "--require-hashes", "--no-deps", "-r", DEMO_LOCK])
    editable: list[str | Path] = [word for package in PACKAGES for word in ("-e", package)]
    _run([*uv, "--no-deps", "--no-index", *editable])


def _run(command: Sequence[str | Path]) -> None:
    environment = os.environ | {
        "TMPDIR": str(_folder("tmp")),
        "PIP_CACHE_DIR": str(_folder("cache/pip")),
        "UV_CACHE_DIR": str(_folder("cache/uv")),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    words = [str(word) for word in command]
    done = subprocess.run(words, check=False, env=environment, stderr=subprocess.PIPE, text=True)
    if done.returncode == 0:
        return
    if os.strerror(errno.ENOSPC) in done.stderr:
        sys.exit(f"The disk that holds {STATE} is full: make room and start again.")
    sys.exit(
        f"{done.stderr.strip()}\n\n"
        f"The Python packages could not be installed: `{' '.join(words[1:5])} …` failed, its words are above."
    )


def _folder(name: str) -> Path:
    folder = STATE / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _say(sentence: str) -> None:
    print(sentence, flush=True)


if __name__ == "__main__":
    try:
        main()
    except OSError as fault:
        if fault.errno != errno.ENOSPC:
            raise
        sys.exit(f"The disk that holds {STATE} is full: make room and start again.")
