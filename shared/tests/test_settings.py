"""A missing or wrong setting stops the start with its name and what is expected."""

import pytest
from pydantic import Field
from pydantic_settings import SettingsConfigDict

from careline.settings import ServiceSettings, SettingsError, load_settings


class _Settings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="THINGS_")


def test_names_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THINGS_PORT", "70000")
    with pytest.raises(SettingsError) as caught:
        load_settings(_Settings)
    message = str(caught.value)
    assert "THINGS_DATABASE_URL: is missing" in message
    assert "THINGS_PORT: Input should be less than or equal to 65535" in message


class _ListSettings(_Settings):
    origins: list[str] = Field(default_factory=list)


def test_names_a_list_that_is_no_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THINGS_ORIGINS", "http://a.test")
    with pytest.raises(SettingsError, match=r"origins.*must be JSON"):
        load_settings(_ListSettings)
