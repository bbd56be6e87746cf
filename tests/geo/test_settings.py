"""Settings: what counts more than what, where each comes from, and no secret in anything that is shown."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from geo.errors import ConfigurationError
from geo.settings import Settings, load, masked

SECRET = "s3cr3t-p%40ss"
URL = f"postgresql://analyst:{SECRET}@db.example:5433/incidents?password={SECRET}"


@pytest.fixture(autouse=True)
def _empty_world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("INCIDENT_MAP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.chdir(tmp_path)


def sources(settings: Settings) -> dict[str, str]:
    return {origin.key: origin.source for origin in settings.origins}


def test_defaults_need_nothing(tmp_path: Path) -> None:
    settings = load()

    assert settings.home == tmp_path / "me" / ".local" / "share" / "incident-map"
    assert settings.site == Path("site")
    assert settings.database is None
    assert settings.database_url is None
    assert settings.articles == ()
    assert settings.title == "Incident map"
    assert settings.log_level == "warning"
    assert set(sources(settings).values()) == {"default"}
    assert settings.file is None


def test_the_data_folder_follows_xdg(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert load().home == tmp_path / "data" / "incident-map"

    monkeypatch.setenv("XDG_DATA_HOME", "relative/is/not/allowed/there")
    assert load().home == tmp_path / "me" / ".local" / "share" / "incident-map"


def test_flag_beats_environment_beats_file_beats_default(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("incident-map.toml").write_text('home = "from-file"\nsite = "from-file"\ntitle = "from file"\n')
    monkeypatch.setenv("INCIDENT_MAP_HOME", "from-environment")
    monkeypatch.setenv("INCIDENT_MAP_SITE", "from-environment")

    settings = load(home=Path("from-flag"), site=None)

    assert settings.home == Path("from-flag")
    assert settings.site == Path("from-environment")
    assert settings.title == "from file"
    assert sources(settings) == {
        "home": "flag --home",
        "site": "environment INCIDENT_MAP_SITE",
        "title": "file incident-map.toml",
        "database": "default",
        "articles": "default",
        "second_opinion": "default",
        "log_level": "default",
    }


def test_an_empty_variable_counts_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INCIDENT_MAP_DATABASE", "")
    monkeypatch.setenv("INCIDENT_MAP_ARTICLES", "")

    assert load().database is None
    assert load().articles == ()


def test_paths_in_a_file_start_at_its_folder() -> None:
    Path("conf").mkdir()
    file = Path("conf/my.toml")
    file.write_text('site = "site"\nhome = "~/data"\narticles = ["news", "/srv/news", "~/more"]\n')

    settings = load(config=file)

    assert settings.site == Path("conf/site")
    assert settings.home == Path("~/data").expanduser()
    assert settings.articles == (Path("conf/news"), Path("/srv/news"), Path("~/more").expanduser())
    assert settings.file == file


def test_the_file_can_be_named_by_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("other.toml").write_text('title = "Other"')
    monkeypatch.setenv("INCIDENT_MAP_CONFIG", "other.toml")

    assert load().title == "Other"


@pytest.mark.parametrize("value", ["a:b c", '["a", "b c"]', ":a::b c:"])
def test_article_folders_in_the_environment(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("INCIDENT_MAP_ARTICLES", value)

    assert load().articles == (Path("a"), Path("b c"))


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        load().title = "other"


# --- secrets ----------------------------------------------------------------------------------------------------------


def test_no_secret_is_shown_but_it_is_used() -> None:
    settings = load(database=URL)

    assert settings.database_url == URL
    shown = repr(settings) + str(settings) + repr(settings.origins) + settings.model_dump_json()
    assert "s3cr3t" not in shown
    (origin,) = (origin for origin in settings.origins if origin.key == "database")
    assert origin.value == "postgresql://analyst:***@db.example:5433/incidents?***"


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://u:{SECRET}@h/d",
        f"postgresql://:{SECRET}@h",
        f"postgresql:///d?user=u&password={SECRET}",
        f"postgresql://u:{SECRET}@[::1/d",
        f"postgresql://u:{SECRET}@h:port/d",
        f"postgresql://u:x@{SECRET}@h/d",
    ],
)
def test_passwords_are_masked_in_odd_addresses_too(url: str) -> None:
    assert "s3cr3t" not in masked(url)


@pytest.mark.parametrize("url", [f"mysql://u:{SECRET}@h/d", f"u:{SECRET}@h", f"postgresql//u:{SECRET}@[h/d"])
def test_an_address_of_another_kind_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"database \(flag --database\): must be an address") as caught:
        load(database=url)

    assert "s3cr3t" not in str(caught.value) + caught.value.hint
    assert caught.value.exit_code == 78


# --- what is wrong ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "message", "hint"),
    [
        (b"a = 1\nsite = \n", r"incident-map\.toml is not valid TOML: .*line 2", "A line of it"),
        (b"\xff\xfe", r"incident-map\.toml is not valid TOML", "A line of it"),
        (b"stie = 'x'", r"incident-map\.toml: nobody knows the key 'stie'", "Did you mean site?"),
        (b"zzz = 'x'", "nobody knows the key 'zzz'", "The keys are: home, site, database"),
        (b"site = 5", r"site \(file incident-map\.toml\): ", "config show"),
        (b"site = ''", r"site \(file incident-map\.toml\): a path must not be empty", "config show"),
        (b"articles = 'news'", r"articles \(file incident-map\.toml\): ", "config show"),
        (b"articles = [5]", r"articles \(file incident-map\.toml\): ", "config show"),
        (b"log_level = 'loud'", r"log_level \(file incident-map\.toml\): input should be 'debug'", "config show"),
        (b"title = ''", r"title \(file incident-map\.toml\): ", "config show"),
    ],
)
def test_what_is_wrong_in_a_file_is_said_with_file_and_key(content: bytes, message: str, hint: str) -> None:
    Path("incident-map.toml").write_bytes(content)

    with pytest.raises(ConfigurationError, match=message) as caught:
        load()

    assert hint in caught.value.hint


def test_all_that_is_wrong_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INCIDENT_MAP_LOG_LEVEL", "loud")
    Path("incident-map.toml").write_text("title = 5")

    with pytest.raises(ConfigurationError) as caught:
        load()

    assert "log_level (environment INCIDENT_MAP_LOG_LEVEL)" in str(caught.value)
    assert "title (file incident-map.toml)" in str(caught.value)


def test_a_named_file_must_be_there() -> None:
    with pytest.raises(ConfigurationError, match=r"no settings file gone\.toml"):
        load(config=Path("gone.toml"))


def test_a_folder_is_no_settings_file() -> None:
    Path("incident-map.toml").mkdir()

    with pytest.raises(ConfigurationError, match="cannot be read: Is a directory"):
        load()


def test_articles_in_the_environment_that_are_no_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INCIDENT_MAP_ARTICLES", "[broken")

    with pytest.raises(ConfigurationError, match="environment INCIDENT_MAP_ARTICLES"):
        load()


def test_another_geocoder_is_named_with_its_options(tmp_path: Path) -> None:
    file = tmp_path / "incident-map.toml"
    file.write_text('second_opinion = { service = "nominatim", user_agent = "desk-key" }\n')
    settings = load(config=file)
    assert settings.second_opinion == {"service": "nominatim", "user_agent": "desk-key"}
    assert [(o.key, o.value) for o in settings.origins if o.key == "second_opinion"] == [
        ("second_opinion", "nominatim")
    ]


def test_another_geocoder_must_be_named(tmp_path: Path) -> None:
    file = tmp_path / "incident-map.toml"
    file.write_text('second_opinion = { user_agent = "x" }\n')
    with pytest.raises(ConfigurationError, match="second_opinion"):
        load(config=file)
