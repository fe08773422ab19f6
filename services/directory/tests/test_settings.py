"""A wrong or missing setting stops the start with its name, and no secret is repeated."""

import json

import pytest

from careline.settings import SettingsError, load_settings
from directory.settings import Settings

from .factories import PASSWORD, SERVICE_SECRET, new_key

GOOD = {
    "DIRECTORY_PORT": "18085",
    "DIRECTORY_DATABASE_URL": "postgresql://directory@127.0.0.1/directory",
    "DIRECTORY_KAFKA_BOOTSTRAP": "127.0.0.1:9092",
    "DIRECTORY_TOKEN_ISSUER": "http://127.0.0.1:8080/api/directory",
    "DIRECTORY_TOKEN_JWKS_URL": "http://127.0.0.1:18085/.well-known/jwks.json",
    "DIRECTORY_SIGNING_KEY": json.dumps(new_key().as_dict(private=True)),
    "DIRECTORY_SERVICE_CLIENTS": json.dumps({"router": {"secret": SERVICE_SECRET, "scopes": ["profile:read"]}}),
    "DIRECTORY_BOOTSTRAP_ADMIN_PASSWORD": PASSWORD,
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)


class TestGoodSettings:
    def test_they_are_read(self) -> None:
        settings = load_settings(Settings)

        assert settings.service_clients["router"].scopes == {"profile:read"}
        assert settings.signing_key.kid

    def test_no_secret_is_shown(self) -> None:
        said = repr(load_settings(Settings))

        assert SERVICE_SECRET not in said
        assert PASSWORD not in said
        assert json.loads(GOOD["DIRECTORY_SIGNING_KEY"])["d"] not in said


class TestNoDefaultSecret:
    def test_without_a_key_nothing_starts(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("DIRECTORY_SIGNING_KEY")

        with pytest.raises(SettingsError, match="DIRECTORY_SIGNING_KEY: is missing"):
            load_settings(Settings)

    def test_no_service_and_no_admin_unless_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("DIRECTORY_SERVICE_CLIENTS")
        monkeypatch.delenv("DIRECTORY_BOOTSTRAP_ADMIN_PASSWORD")

        settings = load_settings(Settings)

        assert settings.service_clients == {}
        assert settings.bootstrap_admin_password is None


def _key(**changed: object) -> str:
    return json.dumps({**new_key().as_dict(private=True), **changed})


def _clients(**entry: object) -> str:
    return json.dumps({"router": {"secret": SERVICE_SECRET, "scopes": [], **entry}})


class TestBadSettings:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("SIGNING_KEY", "not json unmistakable"),
            ("SIGNING_KEY", "[]"),
            ("SIGNING_KEY", _key(kty="RSA")),
            ("SIGNING_KEY", _key(crv="X25519")),
            ("SIGNING_KEY", _key(d="unmistakable")),
            ("SIGNING_KEY", _key(x=new_key().as_dict(private=False)["x"])),
            ("SIGNING_KEY", json.dumps(new_key().as_dict(private=False))),
            ("PUBLISHED_KEYS", json.dumps([new_key().as_dict(private=True)])),
            ("PUBLISHED_KEYS", "{}"),
            ("PUBLISHED_KEYS", "[1]"),
            ("SERVICE_CLIENTS", "{"),
            ("SERVICE_CLIENTS", "[]"),
            ("SERVICE_CLIENTS", '{"router": "unmistakable"}'),
            ("SERVICE_CLIENTS", '{"cli_x": {}}'),
            ("SERVICE_CLIENTS", _clients(secret="unmistakable")),
            ("SERVICE_CLIENTS", _clients(secret="unmistakable+" * 9)),
            ("SERVICE_CLIENTS", _clients(scopes="profile:read")),
            ("SERVICE_CLIENTS", _clients(scopes=["a b"])),
            ("SERVICE_CLIENTS", _clients(admin=True)),
            ("BOOTSTRAP_ADMIN_PASSWORD", "short"),
        ],
        # Some values hold random keys, and every worker must know a test by the same name.
        ids=lambda value: value if value.isupper() else "",
    )
    def test_the_start_is_refused(self, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
        monkeypatch.setenv(f"DIRECTORY_{name}", value)

        with pytest.raises(SettingsError) as refusal:
            load_settings(Settings)

        assert f"DIRECTORY_{name}" in str(refusal.value)
        assert "unmistakable" not in str(refusal.value)
