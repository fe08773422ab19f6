"""The container files cannot be run here; these tests keep them equal to what runs in `make run`."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from careline_local import paths
from careline_local.gateway.headers import content_policies
from careline_local.system.addresses import Addresses
from careline_local.system.compose import secrets, write_environment
from careline_local.system.folders import Folders
from careline_local.system.services import SERVICES, Description, environment
from careline_local.system.vault import Vault

DOCKER = paths.CHECKOUT / "deploy" / "docker"
TEXT = (paths.CHECKOUT / "docker-compose.yml").read_text()


@pytest.fixture
def compose() -> Any:
    return yaml.safe_load(TEXT)


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_a_service_gets_the_same_settings(service: Description, compose: Any, tmp_path: Path) -> None:
    wanted = environment(
        service, addresses=Addresses.free(), folders=Folders(tmp_path), vault=Vault(tmp_path), database_url=""
    )
    given = compose["services"][service.database]
    assert given["environment"].keys() == wanted.keys() | {"FORWARDED_ALLOW_IPS"}
    assert given["build"]["args"] == {"FOLDER": service.name, "PACKAGE": service.package}


def test_every_secret_is_asked_for_and_generated(tmp_path: Path) -> None:
    asked = set(re.findall(r"\$\{(\w+):\?", TEXT))
    assert asked == secrets(Vault(tmp_path / "secrets")).keys()
    path = write_environment(Folders(tmp_path))
    assert path.stat().st_mode & 0o777 == 0o600
    assert {line.split("=", 1)[0] for line in path.read_text().splitlines()} == asked


def test_every_service_has_a_database_and_a_place_in_the_gateway() -> None:
    names = {service.database for service in SERVICES}
    script = (DOCKER / "create-databases.sh").read_text()
    created = re.search(r"for name in ([a-z ]+);", script)
    shown = re.search(r"\^/api/\(([a-z|]+)\)", (DOCKER / "nginx.conf").read_text())
    assert created is not None
    assert shown is not None
    assert set(created[1].split()) == names
    assert set(shown[1].split("|")) == names


def test_the_page_has_the_same_policies() -> None:
    found = re.search(
        r'\$content_policy \{\s+default +"([^"]+)";\s+~\^/\(survey\|complaint\)/ +"([^"]+)";',
        (DOCKER / "nginx.conf").read_text(),
    )
    assert found is not None
    policies = content_policies("$http_host")
    assert found[1].replace("$frame_ancestors", "'none'") == policies.desk.decode()
    assert found[1].replace("$frame_ancestors", "'self'") == policies.shop.decode()
    assert found[2] == policies.public.decode()


def test_every_image_has_a_version() -> None:
    files = [TEXT, *(path.read_text() for path in DOCKER.glob("*.Dockerfile"))]
    images = re.findall(r"^\s*(?:image:|FROM) (\S+)", "\n".join(files), re.MULTILINE)
    assert len(images) == 7
    assert all(re.search(r":\d+\.\d+", image) for image in images)
