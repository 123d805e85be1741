"""The effects ledger, and the steps that failed."""

from sqlalchemy import Column, Float, Index, Integer, String, Table, Text

from gateways.database.columns import Id, Instant, Json, metadata

#: ``state`` is begun (asked of a partner, and what came of it is not booked) or done; ``asked`` is what a partner was
#: asked for, nothing personal. Where a shop has several partners of a kind, ``partner`` is the one that was asked, and
#: ``reference`` what it calls what it made; see ``gateways.database.effect_partners``.
effects = Table(
    "effects",
    metadata,
    Column("key", String(300), primary_key=True),
    Column("return_id", String(100), nullable=False, index=True),
    Column("step", String(150), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("result", Json),
    Column("at", Instant, nullable=False),
    Column("state", String(10), nullable=False, server_default="done"),
    Column("asked", Json),
    Column("partner", String(40)),
    Column("reference", Text, index=True),
)

#: Steps that failed and are tried again at ``next_at``; ``since`` is the instant of their first failure. ``key`` is
#: the ledger's (the workflow's id and the step's name), ``partner`` whose work it is, ``attempt`` counts tries so far,
#: the last of which failed at ``failed_at``; ``asked_seconds`` is how long the partner asked to be left alone.
waiting_steps = Table(
    "waiting_steps",
    metadata,
    Column("key", String(600), primary_key=True),
    Column("return_id", String(100), index=True),
    Column("partner", String(20), nullable=False, index=True),
    Column("step", String(150), nullable=False),
    Column("code", String(60), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("since", Instant, nullable=False),
    Column("next_at", Instant, nullable=False),
    Column("failed_at", Instant),
    Column("asked_seconds", Float),
)

#: Every change of how a partner's failed steps are tried again; the newest row of a partner holds. An empty column
#: leaves what the code and the settings say.
retry_changes = Table(
    "retry_changes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("partner", String(20), nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", String(200), nullable=False),
    Column("why", Text, nullable=False),
    Column("initial_seconds", Float),
    Column("maximum_seconds", Float),
    Column("give_up_after_seconds", Float),
    Column("retry_after_maximum_seconds", Float),
    Column("recovery_rps", Float),
    Index("ix_retry_changes_partner", "partner", "id"),
)

#: Partners that fail for everybody, by the code that all fail with; see ``gateways.database.breakers``.
breakers = Table(
    "breakers",
    metadata,
    Column("partner", String(20), primary_key=True),
    Column("code", String(60), primary_key=True),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("probe", String(600)),
    Column("probed_at", Instant),
)

#: When a step of a partner worked last, kept while others of it fail.
last_successes = Table(
    "last_successes",
    metadata,
    Column("partner", String(20), primary_key=True),
    Column("at", Instant, nullable=False),
)

#: What a partner's limit, which Temporal keeps, becomes by itself; see ``gateways.database.limit_plans``.
limit_plans = Table(
    "limit_plans",
    metadata,
    Column("partner", String(20), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("rps", Float),
    Column("goal", Float),
    Column("by", String(200), nullable=False),
    Column("why", Text, nullable=False),
)

#: The last failure of each step, by the same key; ``words`` are the partner's own, which stand nowhere else.
failures = Table(
    "failures",
    metadata,
    Column("key", String(600), primary_key=True),
    Column("return_id", String(100), index=True),
    Column("partner", String(20), nullable=False),
    Column("step", String(150), nullable=False),
    Column("code", String(60), nullable=False),
    Column("words", Text),
    Column("at", Instant, nullable=False),
)
