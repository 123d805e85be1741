"""Settings from the environment: ``HOMEWARD_*`` here, ``TEMPORAL_*`` by Temporal's own rules.

A bad setting raises ``SettingsError``, whose message names the variable and what was
expected; values are left out, because some of them are secrets.
"""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from platformdirs import user_data_dir
from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict
from temporalio.envconfig import ClientConfig, ClientConnectConfig

PREFIX = "HOMEWARD_"
_HOST_AND_PORT = re.compile(r"^[^\s:/]+:\d{1,5}$|^\[[0-9A-Fa-f:]+\]:\d{1,5}$")


class SettingsError(Exception):
    """One or more variables hold something that cannot be used; the message names each."""


def _expected(text: str) -> PydanticCustomError:
    return PydanticCustomError("setting", "expected {text}", {"text": text})


def _check_database_url(value: str) -> str:
    if not re.match(r"^(sqlite|postgresql)(\+\w+)?://", value):
        raise _expected("sqlite:///PATH or postgresql://USER:PASSWORD@HOST:PORT/NAME")
    return value


def _check_smtp_url(value: str) -> str:
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("smtp", "smtps") and bool(parts.hostname) and parts.port is not None
    except ValueError:
        usable = False
    if not usable:
        raise _expected("smtp://HOST:PORT or smtps://USER:PASSWORD@HOST:PORT")
    return value


def _check_http_url(value: str) -> str:
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        usable = False
    if not usable:
        raise _expected("http://HOST:PORT or https://HOST")
    return value.rstrip("/")


def _check_policy(value: Path) -> Path:
    if not value.is_file():
        raise _expected("the path of a policy file that exists")
    return value


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


class Settings(BaseSettings):
    """What one process is told by its environment; each field is ``HOMEWARD_`` + its name."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True, env_ignore_empty=True)

    #: Where the embedded server and the SQLite database keep their files.
    data_dir: Path = Field(default_factory=lambda: Path(user_data_dir("homeward")))
    database_url: Annotated[str, AfterValidator(_check_database_url)] | None = Field(default=None, repr=False)
    policy: Annotated[Path, AfterValidator(_check_policy)] | None = None
    smtp_url: Annotated[str, AfterValidator(_check_smtp_url)] | None = Field(default=None, repr=False)
    #: With a key, refunds, holds and payments are Stripe's; without, the built-in provider's.
    stripe_key: str | None = Field(default=None, repr=False)
    #: Another address than Stripe's own, such as a stand-in's.
    stripe_url: Annotated[str, AfterValidator(_check_http_url)] | None = None
    #: With a key, labels and parcels are EasyPost's; without, the built-in carrier's.
    easypost_key: str | None = Field(default=None, repr=False)
    #: Another address than EasyPost's own, with the API's version at its end.
    easypost_url: Annotated[str, AfterValidator(_check_http_url)] | None = None
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(_upper)] = "INFO"
    #: Seconds one attempt of a partner's step may take; the usual time of its kind when unset.
    step_timeout_seconds: Annotated[float, Field(gt=0, le=3600)] | None = None
    #: Seconds after which a step that keeps failing waits for a person; each partner's own time when unset.
    give_up_after_seconds: Annotated[float, Field(ge=0)] | None = None
    #: How many returns a worker keeps in memory; fewer than are in flight costs throughput.
    worker_cache: Annotated[int, Field(ge=1, le=100_000)] = 2000
    #: How many steps of one kind a worker runs at once.
    worker_steps: Annotated[int, Field(ge=1, le=1000)] = 50
    #: Whether the SDK's sandbox checks workflow code while it runs: on in the tests, off where it would
    #: only cost (a third of the throughput).
    workflow_sandbox: bool = False
    #: Seconds that steps under way may take to finish once the process is told to stop.
    shutdown_seconds: Annotated[float, Field(ge=0, le=600)] = 5

    @property
    def database(self) -> str:
        """The database's URL; without a setting, a SQLite file in the data directory."""
        return self.database_url or database_in(self.data_dir)

    @property
    def give_up_after(self) -> timedelta | None:
        """``give_up_after_seconds`` as a duration."""
        return None if self.give_up_after_seconds is None else timedelta(seconds=self.give_up_after_seconds)

    @property
    def shutdown(self) -> timedelta:
        """``shutdown_seconds`` as a duration."""
        return timedelta(seconds=self.shutdown_seconds)


def database_in(data_dir: Path) -> str:
    """The URL of the SQLite database that belongs to a data directory."""
    return f"sqlite:///{data_dir.absolute() / 'homeward.db'}"


def load_settings() -> Settings:
    """Read the environment; raises ``SettingsError``."""
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError("; ".join(_sentences(error))) from None


def _sentences(error: ValidationError) -> list[str]:
    found = []
    for item in error.errors(include_url=False, include_input=False):
        text = item["msg"]
        if not text.startswith("expected"):
            text = f"expected something else: {text[:1].lower()}{text[1:]}"
        found.append(f"{PREFIX}{str(item['loc'][0]).upper()}: {text}")
    return found


def temporal_connection() -> ClientConnectConfig:
    """How to reach Temporal, from the ``TEMPORAL_*`` variables; empty when they say nothing.

    Raises ``SettingsError``.
    """
    try:
        connection = ClientConfig.load_client_connect_config()
    except (RuntimeError, OSError, ValueError) as error:
        raise SettingsError(f"TEMPORAL_*: {error}") from None
    address = connection.get("target_host")
    if address and not _HOST_AND_PORT.match(address):
        raise SettingsError("TEMPORAL_ADDRESS: expected HOST:PORT")
    return connection
