"""What the values of settings may be; what is wrong with one is said as what was expected, without the value."""

import re
from base64 import b64decode
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr
from pydantic_core import PydanticCustomError
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

#: Bytes; what Standard Webhooks asks for.
_SHORTEST_SECRET = 24
#: Characters of an API key, and how many of them at least are not the same.
_SHORTEST_KEY = 16
_LEAST_DIFFERENT = 8
_PORTS = range(1, 65_536)
_KEY_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _-]{0,39}")


def expected(text: str) -> PydanticCustomError:
    """What is wrong with a value: what was expected instead."""
    return PydanticCustomError("setting", "expected {text}", {"text": text})


def _check_database_url(value: str) -> str:
    try:
        port = make_url(value).port
        usable = bool(re.match(r"^(sqlite|postgresql)(\+\w+)?://", value)) and (port is None or port in _PORTS)
    except (ArgumentError, ValueError):
        usable = False
    if not usable:
        raise expected("sqlite:///PATH or postgresql://USER:PASSWORD@HOST:PORT/NAME")
    return value


def _check_smtp_url(value: str) -> str:
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("smtp", "smtps") and bool(parts.hostname) and parts.port is not None
    except ValueError:
        usable = False
    if not usable:
        raise expected("smtp://HOST:PORT or smtps://USER:PASSWORD@HOST:PORT")
    return value


def _check_http_url(value: str) -> str:
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        usable = False
    if not usable:
        raise expected("http://HOST:PORT or https://HOST")
    return value.rstrip("/")


def _check_api_key(value: SecretStr) -> SecretStr:
    key = value.get_secret_value()
    if len(key) < _SHORTEST_KEY or len(set(key)) < _LEAST_DIFFERENT:
        raise expected(f"at least {_SHORTEST_KEY} characters, {_LEAST_DIFFERENT} of them different, best random ones")
    return value


def _check_key_name(value: str) -> str:
    """Nothing that parts a caller from what it says: a dot, colon or slash in ids, parentheses in timelines."""
    if not _KEY_NAME.fullmatch(value):
        raise expected("1 to 40 letters, digits, blanks, hyphens and underscores, a letter or digit first")
    return value


def _check_secret(value: SecretStr) -> SecretStr:
    if len(value.get_secret_value().encode()) < _SHORTEST_SECRET:
        raise expected(f"what the partner signs with, of at least {_SHORTEST_SECRET} bytes")
    return value


def _check_webhook_secret(value: SecretStr) -> SecretStr:
    """Standard Webhooks: base64, usually behind ``whsec_``."""
    try:
        raw = b64decode(value.get_secret_value().removeprefix("whsec_"), validate=True)
    except ValueError:
        raw = b""
    if len(raw) < _SHORTEST_SECRET:
        raise expected("whsec_ and the base64 of at least 24 random bytes")
    return value


def _check_policy(value: Path) -> Path:
    if not value.is_file():
        raise expected("the path of a policy file that exists")
    return value


def _check_content(value: Path) -> Path:
    if not value.is_dir():
        raise expected("the path of a folder that exists")
    return value


def _check_country(value: str) -> str:
    if not re.fullmatch("[A-Z]{2}", value):
        raise expected("a country by its two capital letters (ISO 3166-1 alpha-2)")
    return value


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


DatabaseUrl = Annotated[str, AfterValidator(_check_database_url)]
SmtpUrl = Annotated[str, AfterValidator(_check_smtp_url)]
PolicyPath = Annotated[Path, AfterValidator(_check_policy)]
ContentPath = Annotated[Path, AfterValidator(_check_content)]
LogLevel = Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(_upper)]
HttpUrl = Annotated[str, AfterValidator(_check_http_url)]
#: What a partner signs its webhooks with, in a scheme of its own.
PartnerSecret = Annotated[SecretStr, AfterValidator(_check_secret)]
#: A shared secret of Standard Webhooks.
WebhookSecret = Annotated[SecretStr, AfterValidator(_check_webhook_secret)]
ReturnMethod = Literal["mail", "pickup", "drop_off"]
TenderName = Literal["card", "gift_card", "store_credit", "other"]
Scope = Literal["start", "vouch", "read", "warehouse", "bench", "support", "operate", "admin"]


class ApiKey(BaseModel):
    """A key of the HTTP API, what it opens, and what timelines call it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: Annotated[SecretStr, AfterValidator(_check_api_key)]
    scopes: Annotated[frozenset[Scope], Field(min_length=1)]
    name: Annotated[str, AfterValidator(_check_key_name)] | None = None

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
    methods: frozenset[ReturnMethod] = frozenset()
    countries: frozenset[Annotated[str, AfterValidator(_check_country)]] = frozenset()

    def fits(self, method: str | None, country: str) -> bool:
        """Whether it is for that return; without a method, for a parcel to that customer."""
        return (not self.methods or method in self.methods) and (not self.countries or country in self.countries)


class PaymentRoute(BaseModel):
    """Which payment provider is asked about tenders of these kinds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    partner: str
    tenders: Annotated[frozenset[TenderName], Field(min_length=1)]
