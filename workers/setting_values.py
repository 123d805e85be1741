"""What the values of settings may be; what is wrong with one is said as what was expected, without the value."""

import re
from base64 import b64decode
from collections.abc import Callable
from enum import StrEnum
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr
from pydantic_core import PydanticCustomError
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from lifecycle.contract.request import Method
from lifecycle.contract.tenders import TenderKind

#: Bytes; what Standard Webhooks asks for.
_SHORTEST_SECRET = 24
#: Characters of an API key, and how many of them at least are not the same.
_SHORTEST_KEY = 16
_LEAST_DIFFERENT = 8
T = TypeVar("T")
_PORTS = range(1, 65_536)
_KEY_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _-]{0,39}")


class Role(StrEnum):
    """What a worker process does."""

    RETURNS = "returns"
    CARRIER = "carrier"
    PAYMENT = "payment"
    INVENTORY = "inventory"
    MESSAGES = "messages"
    SUPPORT = "support"


def expected(text: str) -> PydanticCustomError:
    """What is wrong with a value: what was expected instead."""
    return PydanticCustomError("setting", "expected {text}", {"text": text})


def _only(usable: Callable[[Any], object], text: str) -> AfterValidator:
    """Take what is ``usable``; what is not, or cannot be read, was not what was expected."""

    def check(value: T) -> T:
        try:
            fits = usable(value)
        except (ArgumentError, ValueError):
            fits = False
        if not fits:
            raise expected(text)
        return value

    return AfterValidator(check)


def _is_database_url(value: str) -> bool:
    port = make_url(value).port
    return bool(re.match(r"^(sqlite|postgresql)(\+\w+)?://", value)) and (port is None or port in _PORTS)


def _is_smtp_url(value: str) -> bool:
    parts = urlsplit(value)
    return parts.scheme in ("smtp", "smtps") and bool(parts.hostname) and parts.port is not None


def _is_http_url(value: str) -> bool:
    parts = urlsplit(value)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port in _PORTS)


def _is_events_url(value: str) -> bool:
    parts = urlsplit(value)
    if parts.scheme == "kafka":
        servers = [urlsplit(f"//{server}") for server in parts.netloc.split(",")]
        return parts.username is None and all(server.hostname and server.port for server in servers)
    return parts.scheme in ("nats", "tls") and bool(parts.hostname) and (parts.port is None or parts.port in _PORTS)


def _is_site(value: str) -> bool:
    parts = urlsplit(value)
    return _is_http_url(value) and parts.path in ("", "/") and not parts.query and not parts.fragment


def _is_issuer_url(value: str) -> bool:
    parts = urlsplit(value)
    return _is_http_url(value) and (parts.scheme == "https" or is_loopback_host(parts.hostname or ""))


def is_loopback_host(host: str) -> bool:
    """Whether a host's name or address, without brackets, means this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _is_key_source(value: str) -> bool:
    return bool(value.removeprefix("command:").strip()) if value.startswith("command:") else Path(value).is_file()


def _is_hard_to_guess(value: SecretStr) -> bool:
    key = value.get_secret_value()
    return len(key) >= _SHORTEST_KEY and len(set(key)) >= _LEAST_DIFFERENT


def _is_long(value: SecretStr) -> bool:
    return len(value.get_secret_value().encode()) >= _SHORTEST_SECRET


def _is_webhook_secret(value: SecretStr) -> bool:
    """Standard Webhooks: base64, usually behind ``whsec_``."""
    return len(b64decode(value.get_secret_value().removeprefix("whsec_"), validate=True)) >= _SHORTEST_SECRET


def _are_webhook_secrets(value: SecretStr) -> bool:
    """One, or several while it is being changed."""
    secrets = value.get_secret_value().split()
    return bool(secrets) and all(_is_webhook_secret(SecretStr(secret)) for secret in secrets)


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


DatabaseUrl = Annotated[str, _only(_is_database_url, "sqlite:///PATH or postgresql://USER:PASSWORD@HOST:PORT/NAME")]
SmtpUrl = Annotated[str, _only(_is_smtp_url, "smtp://HOST:PORT or smtps://USER:PASSWORD@HOST:PORT")]
KeySource = Annotated[
    str, _only(_is_key_source, "the path of a file that exists, or command: and what prints the keys")
]
PolicyPath = Annotated[Path, _only(Path.is_file, "the path of a policy file that exists")]
FolderPath = Annotated[Path, _only(Path.is_dir, "the path of a folder that exists")]
#: A partner may send the same again for weeks: so long it has to be known.
DaysKept = Annotated[int, Field(ge=30, le=36_500)]
LogLevel = Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(_upper)]
HttpUrl = Annotated[
    str, _only(_is_http_url, "http://HOST:PORT or https://HOST"), AfterValidator(lambda url: url.rstrip("/"))
]
#: Where events are streamed to.
EventsUrl = Annotated[str, _only(_is_events_url, "nats://HOST:PORT, tls://HOST:PORT or kafka://HOST:PORT,HOST:PORT")]
#: A commit, or another name of a build: it may stand in a build id.
BuildName = Annotated[
    str, _only(re.compile(r"[A-Za-z0-9][\w.+-]{0,39}").fullmatch, "at most 40 letters, digits, '.', '+', '-' or '_'")
]
#: Pages link to each other from the root on.
SiteUrl = Annotated[
    str,
    _only(_is_site, "https://HOST or http://HOST:PORT without a path: pages link from the root on"),
    AfterValidator(lambda url: url.rstrip("/")),
]
#: What somebody is told by it decides who they are: no one on the way may change it.
IssuerUrl = Annotated[
    str,
    _only(_is_issuer_url, "https://HOST, or http:// and a loopback address"),
    AfterValidator(lambda url: url.rstrip("/")),
]
#: How many steps a worker runs at once.
AtOnce = Annotated[int, Field(ge=1, le=1000)]
#: What a partner signs its webhooks with, in a scheme of its own.
PartnerSecret = Annotated[
    SecretStr, _only(_is_long, f"what the partner signs with, of at least {_SHORTEST_SECRET} bytes")
]
#: A shared secret of Standard Webhooks.
WebhookSecret = Annotated[
    SecretStr, _only(_is_webhook_secret, f"whsec_ and the base64 of at least {_SHORTEST_SECRET} random bytes")
]
#: The same, or two of them while one is being changed, with a blank between.
WebhookSecrets = Annotated[
    SecretStr,
    _only(
        _are_webhook_secrets,
        f"whsec_ and the base64 of at least {_SHORTEST_SECRET} random bytes, or two of these with a blank between",
    ),
]
#: What parts no caller from what it says: no dot, colon or slash as in ids, no parentheses as in timelines.
KeyName = Annotated[
    str, _only(_KEY_NAME.fullmatch, "1 to 40 letters, digits, blanks, hyphens and underscores, a letter or digit first")
]
Country = Annotated[
    str, _only(re.compile("[A-Z]{2}").fullmatch, "a country by its two capital letters (ISO 3166-1 alpha-2)")
]
_API_KEY = f"at least {_SHORTEST_KEY} characters, {_LEAST_DIFFERENT} of them different, best random ones"
Scope = Literal["start", "vouch", "read", "warehouse", "bench", "support", "credit", "operate", "admin"]
#: What somebody does at the shop; the access table says which scopes each has.
StaffRole = Literal["clerk", "warehouse", "bench", "support", "manager", "auditor"]


class ApiKey(BaseModel):
    """A key of the HTTP API, what it opens, and what timelines call it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: Annotated[SecretStr, _only(_is_hard_to_guess, _API_KEY)]
    scopes: Annotated[frozenset[Scope], Field(min_length=1)]
    name: KeyName | None = None

    @property
    def label(self) -> str:
        """Its name; one without is called by the beginning of its digest, which gives nothing away of it."""
        return self.name or sha256(self.key.get_secret_value().encode()).hexdigest()[:12]


def _check_names(keys: list[ApiKey]) -> list[ApiKey]:
    """In timelines keys differ by their names."""
    if len({key.label for key in keys}) < len(keys):
        raise expected("each name once")
    return keys


def _check_no_repeats(value: list[ApiKey]) -> list[ApiKey]:
    keys = [known.key.get_secret_value() for known in value]
    for place, key in enumerate(keys):
        if key in keys[:place]:
            raise expected(f"each key once: numbers {keys.index(key)} and {place} (from 0) are the same")
    return value


ApiKeys = Annotated[list[ApiKey], AfterValidator(_check_no_repeats), AfterValidator(_check_names)]


class Subscriber(BaseModel):
    """Where events go, signed with the secret."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: HttpUrl
    secret: WebhookSecret


class CarrierRoute(BaseModel):
    """Whose carrier takes returns by these methods of customers in these countries; none named stands for all."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    partner: str
    methods: frozenset[Method] = frozenset()
    countries: frozenset[Country] = frozenset()

    def fits(self, method: str | None, country: str) -> bool:
        """Whether it is for that return; without a method, for a parcel to that customer."""
        return (not self.methods or method in self.methods) and (not self.countries or country in self.countries)


class PaymentRoute(BaseModel):
    """Which payment provider is asked about tenders of these kinds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    partner: str
    tenders: Annotated[frozenset[TenderKind], Field(min_length=1)]
