"""Settings from the environment: ``HOMEWARD_*`` here, ``TEMPORAL_*`` in ``temporal_settings``.

Each may be a file as well, see ``SecretFiles``. A bad setting raises ``SettingsError``, whose message names the
variable and what was expected; values are left out, because some of them are secrets.
"""

import os
from datetime import timedelta
from difflib import get_close_matches
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from platformdirs import user_data_dir
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SecretsSettingsSource, SettingsConfigDict
from pydantic_settings import SettingsError as UnreadableError

from lifecycle.contract.errors import fault_of
from workers.setting_values import (
    ApiKeys,
    AtOnce,
    BuildName,
    CarrierRoute,
    DatabaseUrl,
    DaysKept,
    EventsUrl,
    FolderPath,
    HttpUrl,
    IssuerUrl,
    KeySource,
    LogLevel,
    PartnerSecret,
    PaymentRoute,
    PolicyPath,
    Role,
    SiteUrl,
    SmtpUrl,
    StaffRole,
    Subscriber,
    WebhookSecrets,
    expected,
    is_loopback_host,
)

PREFIX = "HOMEWARD_"
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class SettingsError(Exception):
    """One or more variables hold something that cannot be used; the message names each."""


class SecretFiles(SecretsSettingsSource):
    """Settings as files, each named after its variable: so containers are given secrets.

    An empty one is a setting that is not set, as an empty variable is.
    """

    def __init__(self, settings_cls: type[BaseSettings]) -> None:
        super().__init__(settings_cls, _secrets_folder())

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """See the library."""
        value, key, is_complex = super().get_field_value(field, field_name)
        return value or None, key, is_complex


def _secrets_folder() -> Path | None:
    """Where they are; None where nobody has named a folder, or one that there is not."""
    named = os.environ.get(f"{PREFIX}SECRETS_DIR")
    return Path(named) if named and Path(named).is_dir() else None


def _secret_files() -> set[str]:
    folder = _secrets_folder()
    return {path.name for path in folder.iterdir() if path.is_file()} if folder else set()


class Settings(BaseSettings):
    """The environment of one process; each field is ``HOMEWARD_`` + its name."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True, env_ignore_empty=True)

    #: Where settings may be files, see ``SecretFiles``.
    secrets_dir: FolderPath | None = None
    #: Where the embedded server and the SQLite database keep their files.
    data_dir: Path = Field(default_factory=lambda: Path(user_data_dir("homeward")))
    database_url: DatabaseUrl | None = Field(default=None, repr=False)
    #: PostgreSQL alone: connections that a process keeps, and how many more it may open for a moment.
    database_pool_size: Annotated[int, Field(ge=1, le=1000)] = 30
    database_pool_overflow: Annotated[int, Field(ge=0, le=1000)] = 0
    #: What PostgreSQL calls them, in ``pg_stat_activity``.
    database_application_name: Annotated[str, Field(min_length=1, max_length=63)] = "homeward"
    #: Seconds to wait for a connection, and for the answer to a statement; calls and pages wait less.
    database_connect_timeout_seconds: Annotated[float, Field(gt=0, le=3600)] = 10
    database_statement_timeout_seconds: Annotated[float, Field(gt=0, le=3600)] = 10
    #: The master keys, as a file or ``command:...``: with them what Temporal keeps of returns is encrypted.
    encryption_keys: KeySource | None = Field(default=None, repr=False)
    #: Whether workflows that were started without encryption are begun all the same, while it is being turned on.
    encryption_accept_plain: bool = False
    #: Whose pages may have a browser ask `homeward codec`: the addresses of Temporal's UI.
    codec_origins: list[HttpUrl] = []
    #: Where staff reach Temporal's UI, for links to a return's workflow; none are shown when unset.
    temporal_ui: HttpUrl | None = None
    #: Days that mails and webhooks are kept once dealt with, and a closed return's events; for good when unset.
    keep_mails_days: DaysKept | None = None
    keep_webhooks_days: DaysKept | None = None
    keep_events_days: DaysKept | None = None
    policy: PolicyPath | None = None
    #: The shop's own FAQ, in its folder ``faq``; the project's when unset.
    content: FolderPath | None = None
    smtp_url: SmtpUrl | None = Field(default=None, repr=False)
    #: The shop's own sender of mails instead, and what its calls are signed with.
    mails_url: HttpUrl | None = None
    mails_secret: WebhookSecrets | None = Field(default=None, validate_default=True)
    #: Mails, by template, that are not sent.
    mails_off: list[str] = []
    #: With a key, refunds, holds and payments are Stripe's; without, the built-in provider's.
    stripe_key: str | None = Field(default=None, repr=False)
    #: Another address than Stripe's own, such as a stand-in's.
    stripe_url: HttpUrl | None = None
    #: With a key, labels and parcels are EasyPost's; without, the built-in carrier's.
    easypost_key: str | None = Field(default=None, repr=False)
    #: Another address than EasyPost's own, with the API's version at its end.
    easypost_url: HttpUrl | None = None
    #: The shop's own refund service, and what its calls are signed with.
    refunds_url: HttpUrl | None = None
    refunds_secret: WebhookSecrets | None = Field(default=None, validate_default=True)
    #: The shop's own stock system, which is told what came back, and what its calls are signed with.
    stock_url: HttpUrl | None = None
    stock_secret: WebhookSecrets | None = Field(default=None, validate_default=True)
    #: Whose carrier takes which parcel, the first that fits; the default carrier where none does.
    carrier_routes: list[CarrierRoute] = []
    #: Which payment provider is asked about which tender, likewise.
    payment_routes: list[PaymentRoute] = []
    log_level: LogLevel = "INFO"
    #: The commit that the image is of, or another name of its build; see ``workers.deployment.version``.
    build: BuildName | None = None
    #: Seconds one attempt of a partner's step may take; the usual time of its kind when unset.
    step_timeout_seconds: Annotated[float, Field(gt=0, le=3600)] | None = None
    #: Seconds from a step's first failure after which it waits for an operator; each partner's own time when unset.
    give_up_after_seconds: Annotated[float, Field(ge=0)] | None = None
    #: Seconds that a partner may ask to be left alone (Retry-After): no more of it counts.
    retry_after_longest_seconds: Annotated[float, Field(gt=0, le=86_400)] = 900
    #: How many returns a worker keeps in memory; fewer than are in flight costs throughput.
    worker_cache: Annotated[int, Field(ge=1, le=100_000)] = 2000
    #: How many steps a worker of each role runs at once, and how many it is of some roles instead.
    worker_steps: AtOnce = 50
    worker_steps_by_role: dict[Role, AtOnce] = {}
    #: Whether the SDK's sandbox checks workflow code while it runs: on in the tests, off where it would
    #: only cost (a third of the throughput).
    workflow_sandbox: bool = False
    #: Seconds that steps under way may take to finish once the process is stopped.
    shutdown_seconds: Annotated[float, Field(ge=0, le=600)] = 5
    #: Keys of the HTTP API; without any it asks for none, and listens on loopback only.
    api_keys: ApiKeys = Field(default=[], repr=False)
    #: Whether keys are asked for though none is set there: those of `homeward keys` alone open.
    stored_keys: bool = False
    api_host: str = "127.0.0.1"
    api_port: Annotated[int, Field(ge=0, le=65_535)] = 8000
    #: Calls that one key, or one address without a key, may make in a minute.
    api_calls_per_minute: Annotated[int, Field(ge=1)] = 6000
    #: Where every process says whether it is alive and ready, and gives its metrics; nowhere when unset.
    health_host: str = "127.0.0.1"
    health_port: Annotated[int, Field(ge=1, le=65_535)] | None = None
    #: How the outside reaches API and portal, for links in mails; where they listen when unset.
    public_url: SiteUrl | None = None
    #: Where staff reach their pages, for their links; the public address when unset.
    staff_url: SiteUrl | None = None
    #: Minutes without a page after which staff sign in again, and hours after which they do in any case.
    staff_idle_minutes: Annotated[int, Field(ge=1, le=480)] = 60
    staff_session_hours: Annotated[int, Field(ge=1, le=24)] = 12
    #: The provider of OpenID Connect that staff sign in by; by passwords of their own when unset.
    oidc_issuer: IssuerUrl | None = None
    oidc_client_id: Annotated[str | None, Field(validate_default=True)] = None
    #: What the provider gave for a confidential client; PKCE alone when unset.
    oidc_client_secret: SecretStr | None = None
    #: The claim that says what somebody is, and which roles each of its values gives; the roles' own names when unset.
    oidc_roles_claim: Annotated[str, Field(min_length=1)] = "roles"
    oidc_roles: dict[str, list[StaffRole]] = {}
    easypost_webhook_secret: PartnerSecret | None = None
    stripe_webhook_secret: PartnerSecret | None = None
    warehouse_webhook_secret: WebhookSecrets | None = None
    payments_webhook_secret: WebhookSecrets | None = None
    subscribers: list[Subscriber] = Field(default=[], repr=False)
    #: A stream that gets all events, in NATS or Kafka.
    events_url: EventsUrl | None = Field(default=None, repr=False)
    #: Whether the sandboxes may serve beside a public address, where customers would take them for real.
    sandbox: bool = False
    #: The shop's own order service; the orders in the database when unset.
    orders_url: HttpUrl | None = None
    orders_key: SecretStr | None = None
    #: What the shop signs links into the portal with; without it only the API makes such links.
    link_secret: PartnerSecret | None = None
    #: Whose pages the portal may lead back to, and whose may show customers' pages in a frame.
    return_to: list[HttpUrl] = []
    frame_ancestors: list[HttpUrl] = []
    #: Where `homeward mcp` calls the API, and the key that it shows; this machine's when unset.
    agent_url: HttpUrl | None = None
    agent_key: SecretStr | None = None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """See the library: the first that has a setting is believed."""
        return init_settings, env_settings, SecretFiles(settings_cls)

    @field_validator("refunds_secret", "mails_secret", "stock_secret")
    @classmethod
    def _goes_with_its_address(cls, secret: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        """A service is called with signed calls alone, and a secret without its address is a typing error."""
        address = f"{info.field_name}".replace("_secret", "_url")
        if address in info.data and (info.data[address] is None) is not (secret is None):
            there = "a secret, as there is" if secret is None else "none, or a value of"
            raise expected(f"{there} {PREFIX}{address.upper()}")
        return secret

    @model_validator(mode="after")
    def _open_to_others_with_keys_only(self) -> Self:
        if self.api_host not in _LOOPBACK and not self.asks_for_keys:
            raise expected("keys in HOMEWARD_API_KEYS, or a loopback address in HOMEWARD_API_HOST")
        return self

    @property
    def names_subscribers(self) -> bool:
        """Whether events are sent to somebody, or streamed, whom these settings name."""
        return bool(self.subscribers or self.events_url)

    @property
    def asks_for_keys(self) -> bool:
        """Whether nothing opens without a key, whatever keys there are."""
        return bool(self.api_keys) or self.stored_keys

    @property
    def messages_kept(self) -> tuple[timedelta | None, ...]:
        """How long mails, webhooks and events are kept; None for good."""
        days = (self.keep_mails_days, self.keep_webhooks_days, self.keep_events_days)
        return tuple(None if each is None else timedelta(days=each) for each in days)

    @property
    def refuses_plain_starts(self) -> bool:
        """Whether whoever starts a workflow has to have the keys."""
        return self.encryption_keys is not None and not self.encryption_accept_plain

    @property
    def database(self) -> str:
        """The database's URL; without a setting, a SQLite file in the data directory."""
        return self.database_url or database_in(self.data_dir)

    @property
    def front_door(self) -> str:
        """Where customers reach the portal, for links in mails that a worker writes."""
        return self.public_url or f"http://{self.api_host}:{self.api_port}"

    @field_validator("oidc_client_id")
    @classmethod
    def _goes_with_the_issuer(cls, client_id: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("oidc_issuer") and not client_id:
            raise expected("the name that HOMEWARD_OIDC_ISSUER knows us by")
        return client_id

    @property
    def staff_issuer(self) -> str:
        """Who knows the staff: the provider, or with an empty text we ourselves."""
        return self.oidc_issuer or ""

    @property
    def staff_door(self) -> str:
        """Where staff reach their pages."""
        return self.staff_url or self.front_door

    @property
    def is_public(self) -> bool:
        """Whether customers reach it from elsewhere: its public address is not this machine's own."""
        return self.public_url is not None and not is_loopback_host(urlsplit(self.public_url).hostname or "")

    @property
    def allows_sandboxes(self) -> bool:
        """Whether the sandboxes may serve: beside a public address customers would take them for real."""
        return self.sandbox or not self.is_public

    def steps_at_once(self, role: Role) -> int:
        """How many steps a worker of this role runs at once."""
        return self.worker_steps_by_role.get(role, self.worker_steps)

    @property
    def give_up_after(self) -> timedelta | None:
        """``give_up_after_seconds`` as a duration."""
        return None if self.give_up_after_seconds is None else timedelta(seconds=self.give_up_after_seconds)

    @property
    def retry_after_longest(self) -> timedelta:
        """``retry_after_longest_seconds`` as a duration."""
        return timedelta(seconds=self.retry_after_longest_seconds)

    @property
    def shutdown(self) -> timedelta:
        """``shutdown_seconds`` as a duration."""
        return timedelta(seconds=self.shutdown_seconds)


def database_in(data_dir: Path) -> str:
    """The URL of the SQLite database that belongs to a data directory."""
    return f"sqlite:///{data_dir.absolute() / 'homeward.db'}"


def load_settings() -> Settings:
    """Read the environment; raises ``SettingsError``, also for a ``HOMEWARD_`` variable that there is not."""
    wrong = _misspelt() + _bad_proxies()
    try:
        settings = Settings()
    except ValidationError as error:
        wrong += _sentences(error)
    except UnreadableError as error:
        field = str(error).partition('"')[2].partition('"')[0]
        wrong.append(f"{PREFIX}{field.upper()}: expected JSON")
    if wrong:
        raise SettingsError("; ".join(wrong))
    return settings


def _misspelt() -> list[str]:
    """A variable that nobody reads was meant to be read: passed over, it would let a sandbox pay."""
    known = [field.upper() for field in Settings.model_fields]
    found = []
    for variable in sorted({*os.environ, *_secret_files()}):
        name = variable.upper().removeprefix(PREFIX)
        if not variable.upper().startswith(PREFIX) or name in known:
            continue
        nearest = get_close_matches(name, known, n=1, cutoff=0.5)
        meant = f"{PREFIX}{nearest[0]}" if nearest else f"one of {', '.join(f'{PREFIX}{field}' for field in known)}"
        found.append(f"{variable}: expected a setting that exists, such as {meant}")
    return found


def _bad_proxies() -> list[str]:
    """The web server reads this variable itself, and takes what it cannot read, or ``*``, without a word."""
    named = os.environ.get("FORWARDED_ALLOW_IPS", "")
    try:
        networks = [ip_network(part.strip()) for part in named.split(",")] if named else []
        usable = all(network.prefixlen for network in networks)
    except ValueError:
        usable = False
    expected = "the proxies' IP addresses or networks (such as 10.0.0.0/24) with commas between, not everybody"
    return [] if usable else [f"FORWARDED_ALLOW_IPS: expected {expected}"]


def _sentences(error: ValidationError) -> list[str]:
    found = []
    for item in error.errors(include_url=False, include_input=False):
        _, text = fault_of(item)
        name, *within = item["loc"] or ("api_host",)
        where = "".join(f".{part}" for part in within)
        found.append(f"{PREFIX}{str(name).upper()}{where}: {text}")
    return found
