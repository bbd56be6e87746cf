"""The settings of the program: one frozen object, made at the door and passed down.

A flag counts more than an environment variable (`INCIDENT_MAP_HOME` for `home`), that more than the settings file
(`incident-map.toml` in the working folder, or the one named by `--config`), that more than the default. Relative paths
in the file start at the file's folder, all others at the working folder.
"""

from __future__ import annotations

import difflib
import json
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, PrivateAttr, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from geo.errors import ConfigurationError

FILE_NAME = "incident-map.toml"
PREFIX = "INCIDENT_MAP_"
CONFIG_VARIABLE = f"{PREFIX}CONFIG"

_PATHS = ("home", "site")


def data_home() -> Path:
    """The folder for the data of this user's programs, by the XDG rules, and in it ours."""
    stated = Path(os.environ.get("XDG_DATA_HOME", ""))
    return (stated if stated.is_absolute() else Path("~/.local/share").expanduser()) / "incident-map"


@dataclass(frozen=True, slots=True)
class Origin:
    """One setting for `config show`."""

    key: str
    value: str
    """As text; passwords masked."""
    source: str
    """"flag --site", "environment INCIDENT_MAP_SITE", "file PATH", or "default"."""


class Settings(BaseSettings):
    """All settings. Use `load`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="forbid", hide_input_in_errors=True
    )

    home: Path = Field(default_factory=data_home)
    """Data folder: the private database server, caches, locks."""
    site: Path = Path("site")
    """Where the site is published: a link that this program makes."""
    database: SecretStr | None = None
    """Address of a PostGIS server, `postgresql://...`; None means the private one. Prints as stars."""
    articles: Annotated[tuple[Path, ...], NoDecode] = ()
    """Files and folders that a run reads when the command names none. In the environment: separated by `:`, or a
    JSON list."""
    title: str = Field(default="Incident map", min_length=1, max_length=200)
    """Heading of the published pages."""
    second_opinion: dict[str, str | int | float | bool] | None = Field(default=None, repr=False)
    """Another geocoder, asked when a command says so: `{ service = "nominatim", user_agent = "..." }`, a service of
    geopy and its options. In the environment: JSON. Prints without its options, which may hold a key."""
    log_level: Literal["debug", "info", "warning", "error"] = "warning"

    _origins: tuple[Origin, ...] = PrivateAttr(default=())
    _file: Path | None = PrivateAttr(default=None)

    @property
    def database_url(self) -> str | None:
        """The address with its password, for connecting."""
        return None if self.database is None else self.database.get_secret_value()

    @property
    def origins(self) -> tuple[Origin, ...]:
        """Every setting with its printable value and where it came from, in the order of the fields."""
        return self._origins

    @property
    def file(self) -> Path | None:
        """The settings file that was read, if any."""
        return self._file

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """None: `load` asks the sources itself, to know what came from where."""
        return (init_settings,)

    @field_validator("second_opinion", mode="after")
    @classmethod
    def _names_a_service(cls, value: dict[str, Any] | None) -> dict[str, Any] | None:
        if value is not None and not isinstance(value.get("service"), str):
            message = 'must name a service of geopy: { service = "nominatim", user_agent = "..." }'
            raise ValueError(message)
        return value

    @field_validator("home", "site", "articles", mode="before")
    @classmethod
    def _no_empty_path(cls, value: Any) -> Any:
        if any(str(path).strip() == "" or "\x00" in str(path) for path in (value if _is_list(value) else [value])):
            message = "a path must not be empty"
            raise ValueError(message)
        return value

    @field_validator("home", "site", mode="after")
    @classmethod
    def _expanded(cls, value: Path) -> Path:
        return _home_expanded(value)

    @field_validator("articles", mode="after")
    @classmethod
    def _all_expanded(cls, value: tuple[Path, ...]) -> tuple[Path, ...]:
        return tuple(_home_expanded(path) for path in value)

    @field_validator("database", mode="after")
    @classmethod
    def _postgresql(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return value
        try:
            scheme = urlsplit(value.get_secret_value()).scheme
        except ValueError:
            scheme = ""
        if scheme not in ("postgresql", "postgres", "postgresql+psycopg"):
            message = "must be an address such as postgresql://user@host/name"
            raise ValueError(message)
        return value


def load(config: Path | None = None, **flags: Any) -> Settings:
    """The settings of this call. `flags` are named like the fields; None means that the flag was not given.

    Raises ConfigurationError, naming the place and the key, for a settings file that is missing (when it was named),
    not readable or not TOML, for keys that nobody knows, and for values of the wrong kind.
    """
    file, stored = _file_values(config)
    layers: list[tuple[str, dict[str, Any]]] = [
        ("flag", {key: value for key, value in flags.items() if value is not None}),
        ("environment", _environment()),
        ("file", stored),
    ]
    chosen: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for layer, values in layers:
        for key, value in values.items():
            if key not in chosen:
                chosen[key] = value
                sources[key] = _source(layer, key, file)
    try:
        settings = Settings(**chosen)
    except ValidationError as problem:
        raise _explained(problem, sources) from None
    settings._origins = tuple(
        Origin(key, _printable(getattr(settings, key)), sources.get(key, "default")) for key in Settings.model_fields
    )
    settings._file = file
    return settings


def masked(url: str) -> str:
    """A database address for showing: scheme, user, host and name; no password, no parameters (they can hold one)."""
    try:
        parts = urlsplit(url)
        user, port = parts.username, parts.port
    except ValueError:
        return "***"
    secret = "" if parts.password is None else ":***"
    account = "" if user is None and not secret else f"{user or ''}{secret}@"
    address = f"{parts.scheme}://{account}{parts.hostname or ''}{f':{port}' if port else ''}{parts.path}"
    return address + ("?***" if parts.query else "")


def _environment() -> dict[str, Any]:
    found = EnvSettingsSource(Settings)()
    if isinstance(listed := found.get("articles"), str):
        found["articles"] = _listed(listed)
    return found


def _listed(text: str) -> Any:
    if text.lstrip().startswith("["):
        try:
            return json.loads(text)
        except ValueError:
            return text  # refused by the field with a message that names the variable
    return [part for part in text.split(os.pathsep) if part]


def _file_values(config: Path | None) -> tuple[Path | None, dict[str, Any]]:
    """The settings file and its values, with paths as they count from the working folder."""
    named = config or (Path(value) if (value := os.environ.get(CONFIG_VARIABLE)) else None)
    file = named or Path(FILE_NAME)
    try:
        with file.open("rb") as stream:
            values = tomllib.load(stream)
    except FileNotFoundError:
        if named is None:
            return None, {}
        message = f"There is no settings file {file}"
        raise ConfigurationError(message, "Check the spelling, or leave the option out.") from None
    except OSError as problem:
        message = f"The settings file {file} cannot be read: {problem.strerror}"
        raise ConfigurationError(message, "Give this account the right to read it.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        message = f"The settings file {file} is not valid TOML: {problem}"
        raise ConfigurationError(message, 'A line of it looks like this: site = "/srv/www/incidents"') from None
    for key in values:
        if key not in Settings.model_fields:
            close = difflib.get_close_matches(key, Settings.model_fields, n=1)
            message = f"{file}: nobody knows the key {key!a}"
            known = ", ".join(Settings.model_fields)
            raise ConfigurationError(message, f"Did you mean {close[0]}?" if close else f"The keys are: {known}.")
    folder = file.parent
    for key in _PATHS:
        if isinstance(value := values.get(key), str) and value:
            values[key] = folder / _home_expanded(Path(value))
    if isinstance(listed := values.get("articles"), list):
        values["articles"] = [folder / _home_expanded(Path(v)) if isinstance(v, str) and v else v for v in listed]
    return file, values


def _home_expanded(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError:  # "~nobody-of-this-name": take it as it is written
        return path


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


def _source(layer: str, key: str, file: Path | None) -> str:
    if layer == "flag":
        return f"flag --{key.replace('_', '-')}"
    return f"environment {PREFIX}{key.upper()}" if layer == "environment" else f"file {file}"


def _printable(value: Any) -> str:
    if isinstance(value, SecretStr):
        return masked(value.get_secret_value())
    if isinstance(value, dict):
        return str(value.get("service", ""))
    if isinstance(value, tuple):
        return os.pathsep.join(str(path) for path in value)
    return "" if value is None else str(value)


def _explained(problem: ValidationError, sources: dict[str, str]) -> ConfigurationError:
    """All wrong settings in one message; never a value, it could be a secret."""
    lines = []
    for error in problem.errors(include_input=False, include_url=False, include_context=False):
        key = str(error["loc"][0]) if error["loc"] else "?"
        said = error["msg"].removeprefix("Value error, ")
        lines.append(f"{key} ({sources.get(key, 'default')}): {said[:1].lower()}{said[1:]}")
    message = "A setting is wrong: " + "; ".join(dict.fromkeys(lines))
    return ConfigurationError(message, "`incident-map config show` lists all settings and where each comes from.")
