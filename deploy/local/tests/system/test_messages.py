"""Each thing that keeps Careline from starting is said in one clear sentence."""

import errno
import fcntl
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from careline_local import cli, paths
from careline_local.parts.base import PartError
from careline_local.parts.ports import free_port
from careline_local.system import launcher
from careline_local.system.addresses import Addresses
from careline_local.system.vault import Vault

BOOTSTRAP = paths.CHECKOUT / "deploy" / "local" / "bootstrap.py"


class TestPorts:
    def test_a_taken_port_is_named_with_its_owner_and_its_variable(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            addresses = Addresses({**Addresses.free().ports, "kafka": port})
            with pytest.raises(PartError) as fault:
                addresses.check()
        assert str(fault.value).startswith(f"Port {port}, which is meant for kafka, is taken by process {os.getpid()}")
        assert "CARELINE_KAFKA_PORT" in str(fault.value)

    @pytest.mark.parametrize("wrong", ["abc", "0", "65536", "", "-1"])
    def test_a_wrong_port_is_named(self, monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
        monkeypatch.setenv("CARELINE_PORT", wrong)
        with pytest.raises(PartError, match=f"^CARELINE_PORT must be a port number from 1 to 65535, not '{wrong}'"):
            Addresses.from_environment()

    def test_a_variable_moves_a_port(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CARELINE_CUSTOMER_PROFILE_PORT", "20001")
        addresses = Addresses.from_environment()
        assert addresses.service_url("customer-profile") == "http://127.0.0.1:20001"
        assert addresses.public_url == "http://127.0.0.1:8080"


class TestLauncher:
    @pytest.fixture(autouse=True)
    def checkout(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(paths, "STATE", tmp_path)
        monkeypatch.setattr(launcher, "LOCK", tmp_path / "run.lock")

    def test_a_second_start_names_the_first(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        with (tmp_path / "run.lock").open("w") as first:
            fcntl.flock(first, fcntl.LOCK_EX)
            first.write("process 4711, started at noon.")
            first.flush()
            assert cli.main(["up"]) == 1
        said = capsys.readouterr().err
        assert said == "\nCareline already runs here: process 4711, started at noon. Stop it there first.\n"

    def test_a_full_disk_is_said_before_anything_starts(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1_000_000))
        assert cli.main(["up"]) == 1
        assert "has only 1 MB free, Careline needs 300 MB" in capsys.readouterr().err

    def test_a_disk_that_fills_up_later_is_said_too(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def full(_: object) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(launcher, "_keep_below_checkout", lambda: full(None))
        assert cli.main(["up"]) == 1
        assert "is full: make room and start again" in capsys.readouterr().err


class TestBootstrap:
    def test_a_python_without_ensurepip_is_told_what_to_install(self, tmp_path: Path) -> None:
        copied = tmp_path / "deploy" / "local" / "bootstrap.py"
        copied.parent.mkdir(parents=True)
        # As on Debian without python3-venv: the module is not there.
        hidden = "import sys, importlib.util as util\nfind = util.find_spec\n"
        hidden += "util.find_spec = lambda name, *more: None if name == 'ensurepip' else find(name, *more)\n"
        text = BOOTSTRAP.read_text()
        copied.write_text(text.replace('if __name__ == "__main__":', f'{hidden}if __name__ == "__main__":'))
        for name in ("bootstrap.lock", "demo.lock", "pyproject.toml"):
            (copied.parent / name).write_text("")
        (tmp_path / "requirements.lock").write_text("")
        services = [path.parent for path in (paths.CHECKOUT / "services").glob("*/pyproject.toml")]
        for folder in [paths.CHECKOUT / "shared", *services]:
            project = tmp_path / folder.relative_to(paths.CHECKOUT) / "pyproject.toml"
            project.parent.mkdir(parents=True)
            project.write_text("")
        done = subprocess.run([sys.executable, copied], check=False, capture_output=True, text=True)
        assert done.returncode == 1
        assert "This Python has no ensurepip" in done.stderr
        assert "python3-venv" in done.stderr


class TestService:
    def test_a_missing_setting_is_named(self) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CARE_")}
        environment |= {"CARE_HOST": "127.0.0.1", "CARE_PORT": str(free_port())}
        command = [sys.executable, "-m", "care_scheduler", "serve"]
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
        assert done.returncode == 1
        assert "CARE_DATABASE_URL: is missing" in done.stderr
        assert "Traceback" not in done.stderr


class TestVault:
    def test_keeps_what_it_made_and_lets_nobody_else_read(self, tmp_path: Path) -> None:
        folder = tmp_path / "secrets"
        first = Vault(folder)
        password = first.password("person anna")
        key = first.signing_key("key")
        again = Vault(folder)
        assert (again.password("person anna"), again.signing_key("key")) == (password, key)
        assert again.password("person bert") != password
        assert again.starting_with("person ").keys() == {"anna", "bert"}
        assert folder.stat().st_mode & 0o777 == 0o700
        assert [path.stat().st_mode & 0o777 for path in folder.iterdir()] == [0o600]
