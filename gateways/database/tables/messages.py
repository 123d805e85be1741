"""Mails, events and webhooks on their way."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text, UniqueConstraint, func, text

from gateways.database.columns import Id, Instant, Json, metadata


def _only(name: str, where: str, *columns: str) -> Index:
    """An index of those rows alone."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


outbox = Table(
    "outbox",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("key", String(300), nullable=False, unique=True),
    Column("return_id", String(100), nullable=False, index=True),
    Column("to", String(254), nullable=False),
    Column("recipient_name", String(200), nullable=False),
    Column("template", String(50), nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("data", Json),
    Column("label_of", String(100)),
    Column("at", Instant, nullable=False),
    Column("state", String(10), nullable=False, index=True),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", Instant),
    Column("sent_at", Instant),
    Column("error", Text),
)
Index("ix_outbox_to_id", func.lower(outbox.c.to), outbox.c.id)
#: Mails of which the desk makes a list: their returns wait for somebody as long as they are open.
Index(
    "ix_outbox_listed",
    outbox.c.template,
    outbox.c.return_id,
    sqlite_where=text("template IN ('wipe_waits', 'hold_warning')"),
    postgresql_where=text("template IN ('wipe_waits', 'hold_warning')"),
)

#: The next mail to operations about each kind of step that failed for good, or the last one: it goes out at ``due_at``.
digests = Table(
    "digests",
    metadata,
    Column("kind", String(90), primary_key=True),
    Column("due_at", Instant, nullable=False),
    Column("count", Integer, nullable=False),
    Column("named", Json, nullable=False),
)

#: Every webhook event taken; ``state`` is queued (to be passed on by itself), waiting (for an operator), passed or
#: dismissed. Those with a ``next_attempt_at`` are tried again by themselves.
inbox = Table(
    "inbox",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("source", String(20), nullable=False),
    Column("event_id", String(200), nullable=False),
    Column("kind", String(30), nullable=False),
    Column("return_id", String(100)),
    Column("tracking_code", String(100)),
    Column("message", Json, nullable=False),
    Column("state", String(10), nullable=False, index=True),
    Column("why", Text),
    Column("at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", Instant),
    UniqueConstraint("source", "event_id"),
    Index("ix_inbox_return_id_state", "return_id", "state"),
    _only("ix_inbox_waiting", "next_attempt_at IS NOT NULL", "id"),
)

#: Sign-in links that visitors ask for, until their orders are looked up.
link_requests = Table(
    "link_requests",
    metadata,
    Column("request_id", String(100), primary_key=True),
    Column("typed", String(100), nullable=False),
    Column("email", String(300), nullable=False),
    Column("network", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False, index=True),
    Column("attempts", Integer, nullable=False),
)

#: What happened, to be told to subscribers; ``number`` counts within the return, or the record of another kind
#: (``lifecycle.shared.record_ids``), whose id stands in the place of the return's. ``spread``: every subscriber's
#: deliveries know of it, and its ``position`` is its place among all events, for who polls.
events = Table(
    "events",
    metadata,
    Column("return_id", String(100), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("written_at", Instant, nullable=False),
    Column("data", Json, nullable=False),
    Column("spread", Boolean, nullable=False),
    Column("position", BigInteger, index=True, unique=True),
    Index(
        "ix_events_new",
        *("return_id", "number"),
        sqlite_where=text("spread IS 0"),
        postgresql_where=text("spread IS false"),
    ),
)

#: The number of the last event of a record that has no timeline to count.
event_counters = Table(
    "event_counters",
    metadata,
    Column("record", String(100), primary_key=True),
    Column("last", Integer, nullable=False),
)

#: The events of one return for one subscriber: ``delivered`` is the number of the last one that it has, ``written``
#: of the last one there is. ``next_attempt_at`` is None when it has all.
deliveries = Table(
    "deliveries",
    metadata,
    Column("subscriber", String(64), primary_key=True),
    Column("return_id", String(100), primary_key=True),
    Column("delivered", Integer, nullable=False),
    Column("written", Integer, nullable=False),
    Column("next_attempt_at", Instant),
    Column("attempts", Integer, nullable=False),
    Column("failing_since", Instant),
    _only("ix_deliveries_waiting", "next_attempt_at IS NOT NULL", "subscriber", "next_attempt_at"),
)

#: How subscribers answer; ``subscriber`` is a digest of its URL. ``gone_at``: it wants no more. One named ``settings``
#: says that the settings name some (``messages.subscriptions``).
subscribers = Table(
    "subscribers",
    metadata,
    Column("subscriber", String(64), primary_key=True),
    Column("delivered_at", Instant),
    Column("failed_at", Instant),
    Column("error", Text),
    Column("given_up", BigInteger, nullable=False),
    Column("gone_at", Instant),
)

#: Subscribers that are made by the API, with the secrets that events are signed with. Without a ``url`` they poll.
subscriptions = Table(
    "subscriptions",
    metadata,
    Column("subscription_id", String(64), primary_key=True),
    Column("url", Text),
    Column("types", Json, nullable=False),
    Column("secret", Text),
    Column("secret_before", Text),
    Column("before_until", Instant),
    Column("paused", Boolean, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("made_by", String(200), nullable=False),
)
