"""Who works at the shop, the links that let them in once, and where they are signed in."""

from sqlalchemy import Column, String, Table, UniqueConstraint

from gateways.database.columns import Id, Instant, Json, metadata

#: People. ``issuer`` is empty for an account of our own, which has a ``password`` (Argon2) once its link was used;
#: for others it is the OpenID provider that knows them, as ``login``.
staff = Table(
    "staff",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("issuer", String(200), nullable=False),
    Column("login", String(255), nullable=False),
    Column("name", String(100), nullable=False),
    Column("roles", Json, nullable=False),
    Column("password", String(200)),
    Column("made_at", Instant, nullable=False),
    Column("signed_in_at", Instant),
    Column("disabled_at", Instant),
    UniqueConstraint("issuer", "login"),
)

#: Links that set a password, once, by their digests; without a person it is the first manager's.
staff_links = Table(
    "staff_links",
    metadata,
    Column("link", String(64), primary_key=True),
    Column("staff_id", Id, index=True),
    Column("ends_at", Instant, nullable=False, index=True),
)

#: Who is signed in where, by a digest of what the cookie holds; ``seen_at`` is kept to the minute.
staff_sessions = Table(
    "staff_sessions",
    metadata,
    Column("session", String(64), primary_key=True),
    Column("staff_id", Id, nullable=False, index=True),
    Column("begun_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False, index=True),
)

#: Who gave whom a way in, took it, or changed what they may do; ``act`` is of ``gateways.database.staff.acts.Did``.
staff_acts = Table(
    "staff_acts",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    Column("by", String(200), nullable=False),
    Column("staff_id", Id, nullable=False, index=True),
    Column("act", String(20), nullable=False),
    Column("detail", String(200), nullable=False),
)
