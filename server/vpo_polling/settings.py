"""Settings: flags before `VPO_*` environment variables before vpo.toml before defaults."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Literal

from platformdirs import user_data_dir
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings.sources import InitSettingsSource

from vpo_polling import settings_text as text
from vpo_polling.hosts import is_loopback, network
from vpo_polling.resources import TEMPLATES

# Before 3.11 the same module is a package of its own.
tomllib: Any = import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")

ENV_PREFIX = "VPO_"
CONFIG_VARIABLE = "VPO_CONFIG"
FILE_NAME = "vpo.toml"
LOCALHOST = "localhost"


class SettingsError(Exception):
    """A setting that can't be used; the message is one sentence for the person who set it."""


def _directory(path: Path) -> Path:
    path = path.expanduser().resolve()
    if not path.is_dir():
        raise ValueError(f"there is no directory {path}")
    return path


def _pattern(pattern: re.Pattern[str]) -> re.Pattern[str]:
    groups = set(pattern.groupindex)
    if "percent" not in groups and not {"done", "total"} <= groups:
        raise ValueError("it needs the named groups 'done' and 'total', or 'percent'")
    return pattern


def _blank_is_none(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def _proxy(value: str) -> str:
    network(value)  # raises ValueError
    return value


def _language(code: str | None) -> str | None:
    known = sorted(path.stem for path in (TEMPLATES / "words").glob("*.json"))
    if code is not None and code not in known:
        raise ValueError(f"the pages speak {', '.join(known)}")
    return code


def _prefix(value: str) -> str:
    value = "/" + value.strip("/") if value.strip("/") else ""
    if not re.fullmatch(r"[\w./~-]*", value, re.ASCII):
        raise ValueError("use a path such as /vpo")
    return value


def _frame_ancestor(value: str) -> str:
    if value == "self":
        return "'self'"
    if not re.fullmatch(r"https?://[\w.*:\[\]-]+", value, re.ASCII):
        raise ValueError("use 'self' or origins such as https://example.org")
    return value


def _from_file(value: object) -> object:
    if isinstance(value, str):
        raise ValueError('name the program in the settings file, as a list such as ["agent", "--print"]')
    return value


def _split(separator: str) -> BeforeValidator:
    """Lists in an environment variable: hosts between commas, paths as in PATH."""
    return BeforeValidator(
        lambda value: (
            [part.strip() for part in value.split(separator) if part.strip()]
            if isinstance(value, str)
            else value
        )
    )


Directory = Annotated[Path, AfterValidator(_directory)]
Names = Annotated[tuple[str, ...], NoDecode, _split(",")]
Proxies = Annotated[tuple[Annotated[str, AfterValidator(_proxy)], ...], NoDecode, _split(",")]
FrameAncestors = Annotated[tuple[Annotated[str, AfterValidator(_frame_ancestor)], ...], NoDecode, _split(",")]
PollingMs = Annotated[int, Field(ge=2000, le=60_000)]


# What the watcher of builds is told in the same way.
WATCHERS = ("VPO_REPORT_TOKEN", "VPO_REPORT_TOKEN_FILE")


class CommandSettings(BaseModel):
    """A command that people may start by name. Its arguments come from here and never from HTTP."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    argv: Annotated[tuple[str, ...], Field(min_length=1)]
    progress: Annotated[re.Pattern[str], AfterValidator(_pattern)] | None = None
    cwd: Directory | None = None
    env: Mapping[str, str] = Field(default_factory=dict)


class Settings(BaseSettings):
    """Made by `load`."""

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, extra="forbid", frozen=True)

    data_dir: Annotated[Path, AfterValidator(lambda path: path.expanduser().resolve())] = Field(
        default_factory=lambda: Path(user_data_dir("vpo-polling", appauthor=False))
    )
    host: Annotated[str, Field(min_length=1)] = LOCALHOST
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    scan_roots: Annotated[tuple[Directory, ...], NoDecode, _split(os.pathsep)] = Field(
        default_factory=lambda: (Path.cwd(),)
    )
    allowed_hosts: Names = ()
    auth_token: Annotated[SecretStr | None, BeforeValidator(_blank_is_none)] = None
    trusted_proxies: Proxies = ()
    url_prefix: Annotated[str, AfterValidator(_prefix)] = ""
    frame_ancestors: FrameAncestors = ()
    rate_limit: Annotated[int, Field(ge=0)] = 1200
    max_holds: Annotated[int, Field(ge=0)] = 20_000
    max_holds_per_client: Annotated[int, Field(ge=0)] = 64
    workers: Annotated[int, Field(ge=0, le=64)] = 2
    polling_enabled: bool = True
    polling_interval_ms: PollingMs = 5000
    polling_log_interval_ms: PollingMs = 15_000
    max_log_bytes: Annotated[int, Field(ge=0)] = 2 * 1024**3
    compress_logs_after_s: Annotated[int, Field(ge=0)] = 3600
    retention_days: Annotated[int, Field(ge=0, le=36_500)] = 0
    retention_jobs: Annotated[int, Field(ge=0)] = 0
    watch_lease_s: Annotated[int, Field(ge=3, le=3600)] = 30
    language: Annotated[str | None, BeforeValidator(_blank_is_none), AfterValidator(_language)] = None
    project_roots: Annotated[tuple[Directory, ...], NoDecode, _split(os.pathsep)] = ()
    agent_command: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_from_file)] = ()
    commands: Mapping[str, CommandSettings] = Field(default_factory=dict)
    demo: bool = False

    @property
    def database_path(self) -> Path:
        return self.data_dir / "vpo.db"

    @property
    def token(self) -> str | None:
        return None if self.auth_token is None else self.auth_token.get_secret_value()

    @model_validator(mode="after")
    def _is_not_open_to_everybody(self) -> Settings:
        if self.auth_token is None and not is_loopback(self.host):
            raise ValueError(
                f"host {self.host!r} can be reached from other machines: set VPO_AUTH_TOKEN, or use 127.0.0.1"
            )
        return self


def load(flags: Mapping[str, Any] | None = None, *, config: Path | None = None) -> Settings:
    """Reads all sources. `flags` that are None were not given. Raises SettingsError."""
    given = {name: value for name, value in (flags or {}).items() if value is not None}
    path = _find_file(config)
    values = {} if path is None else _read_file(path)

    class Sourced(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return init_settings, env_settings, InitSettingsSource(settings_cls, init_kwargs=values)

    text.warn_of_unknown_variables(
        os.environ, ENV_PREFIX, Settings.model_fields, also=(CONFIG_VARIABLE, *WATCHERS)
    )
    try:
        return Sourced(**given)
    except ValidationError as error:
        raise SettingsError(text.sentence(error, given, os.environ, ENV_PREFIX, path)) from None
    except ValueError as error:  # an environment variable that is no JSON, where JSON is needed
        raise SettingsError(f"{error}.") from None


def _find_file(config: Path | None) -> Path | None:
    named = config or (Path(os.environ[CONFIG_VARIABLE]) if os.environ.get(CONFIG_VARIABLE) else None)
    try:
        Path.cwd()
    except OSError:
        raise SettingsError("The directory that this was started in has been deleted.") from None
    path = (named or Path(FILE_NAME)).expanduser().absolute()
    if path.is_file():
        return path
    if named is not None:
        raise SettingsError(f"There is no settings file {path}.")
    return None


def _read_file(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path} can't be read as TOML: {error}.") from None
    known = {"": Settings.model_fields}
    known |= {f"commands.{name}": CommandSettings.model_fields for name in _tables(values.get("commands"))}
    for place, fields in known.items():
        for key in _tables(values.get("commands")).get(place[9:], {}) if place else values:
            if key not in fields:
                raise SettingsError(text.unknown_key(f"{place}.{key}".lstrip("."), key, fields, path))
    return _beside(path.parent, values)


def _tables(value: object) -> dict[str, dict[str, Any]]:
    """The well-formed part of [commands.*]; validation reports the rest."""
    if not isinstance(value, dict):
        return {}
    return {name: table for name, table in value.items() if isinstance(table, dict)}


def _beside(folder: Path, values: dict[str, Any]) -> dict[str, Any]:
    """Relative paths of a file mean: beside that file."""

    def place(value: object) -> object:
        return str(folder / Path(value).expanduser()) if isinstance(value, str) else value

    if "data_dir" in values:
        values["data_dir"] = place(values["data_dir"])
    for name in ("scan_roots", "project_roots"):
        if isinstance(values.get(name), list):
            values[name] = [place(root) for root in values[name]]
    for table in _tables(values.get("commands")).values():
        if "cwd" in table:
            table["cwd"] = place(table["cwd"])
    return values
