"""Who may call and who is signed in: secrets, sessions, limits."""

from sqlalchemy import Column, Integer, String, Table, Text

from gateways.database.columns import Id, Instant, Json, metadata

#: Customers that were forgotten, by the SHA-256 of their ids; ``returns`` and ``cases``: of how many.
forgotten = Table(
    "forgotten",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("customer", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", String(200), nullable=False),
    Column("why", Text, nullable=False),
    Column("returns", Integer, nullable=False),
    Column("cases", Integer, nullable=False),
)

#: Keys of the HTTP API, by their digests; ``number`` counts those of one name, of which two overlap at a rotation.
api_keys = Table(
    "api_keys",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("digest", String(64), nullable=False, unique=True),
    Column("scopes", Json, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("ends_at", Instant),
    Column("revoked_at", Instant),
    Column("used_at", Instant),
)

#: What the API was asked with an ``Idempotency-Key``; ``caller`` is the API key's digest.
idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("caller", String(64), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("return_id", String(100), nullable=False),
    Column("at", Instant, nullable=False),
)

#: What the payloads of each workflow are encrypted with: ``wrapped`` is encrypted by the master key of that id, and
#: whoever drops the row has the payloads forgotten.
data_keys = Table(
    "data_keys",
    metadata,
    Column("key_id", String(20), primary_key=True),
    Column("workflow_id", String(400), nullable=False, unique=True),
    Column("master", String(40), nullable=False, index=True),
    Column("wrapped", String(200), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("retired_at", Instant),
)

#: Signing secrets, made at first use.
secrets = Table(
    "secrets",
    metadata,
    Column("name", String(50), primary_key=True),
    Column("value", String(200), nullable=False),
)

#: Who is signed in on the pages, by a digest of the id in the cookie.
sessions = Table(
    "sessions",
    metadata,
    Column("session", String(64), primary_key=True),
    Column("ends_at", Instant, nullable=False, index=True),
)

#: Sign-in links that were used, by digests of the link and of the form that did; ``ends_at``: they are too old then.
used_links = Table(
    "used_links",
    metadata,
    Column("link", String(64), primary_key=True),
    Column("used_by", String(64), nullable=False),
    Column("used_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False, index=True),
)

#: How often something was done within a time, for its limit; ``counted`` is a digest of the limit and of who did it.
rates = Table(
    "rates",
    metadata,
    Column("counted", String(64), primary_key=True),
    Column("times", Integer, nullable=False),
    Column("ends_at", Instant, nullable=False, index=True),
)
