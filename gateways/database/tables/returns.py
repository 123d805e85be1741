"""Returns, the units that they claim, and what leads to them."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, false, text

from gateways.database.columns import Instant, Json, metadata

#: From ``promise_counts`` to ``business_days``: what a closed return says of the promise, as
#: ``lifecycle.returns.promise.Kept``. ``promise_counts`` is None where nobody has looked yet.
returns = Table(
    "returns",
    metadata,
    Column("return_id", String(100), primary_key=True),
    Column("order_id", String(100), nullable=False, index=True),
    Column("customer_id", String(100), nullable=False),
    Column("request", Json, nullable=False),
    Column("policy", Json),
    Column("status", String(30), nullable=False),
    Column("view", Json),
    Column("state", Json),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("promise_counts", Boolean),
    Column("promise_target", Instant),
    Column("promise_limit", Instant),
    Column("settled_at", Instant),
    Column("business_days", Integer),
    Index("ix_returns_customer_id_opened_at", "customer_id", "opened_at"),
    # All that is read of them: their rows are long.
    Index(
        "ix_returns_closed_at",
        *("closed_at", "promise_counts", "promise_target", "promise_limit", "settled_at", "business_days"),
    ),
    Index(
        "ix_returns_open",
        "return_id",
        sqlite_where=text("closed_at IS NULL"),
        postgresql_where=text("closed_at IS NULL"),
    ),
)

#: Open returns whose workflow has ended, or is gone: ``why`` is how, the rest is what was last known of them.
#: ``told``: operations have been written to.
orphans = Table(
    "orphans",
    metadata,
    Column("return_id", String(100), primary_key=True),
    Column("order_id", String(100), nullable=False),
    Column("since", Instant, nullable=False),
    Column("why", String(20), nullable=False),
    Column("status", String(30), nullable=False),
    Column("resolve_by", Instant),
    Column("escalated", Boolean, nullable=False),
    Column("told", Boolean, nullable=False),
)

claims = Table(
    "claims",
    metadata,
    Column("order_id", String(100), primary_key=True),
    Column("unit_id", String(120), primary_key=True),
    Column("return_id", String(100), nullable=False, index=True),
    Column("sellers_fault", Boolean, nullable=False),
    #: It is really back: accepted for money, or lost on its way to the shop.
    Column("back", Boolean, nullable=False, server_default=false()),
    #: The piece that came as this unit, as ``lifecycle.contract.scanned_codes`` folds it.
    Column("serial_number", String(100)),
)

#: Units that a return rejected and that are back with their customer: they may be asked for again, and are looked at.
rejected_units = Table(
    "rejected_units",
    metadata,
    Column("order_id", String(100), primary_key=True),
    Column("unit_id", String(120), primary_key=True),
    Column("return_id", String(100), primary_key=True),
    Column("serial_number", String(100)),
    Column("at", Instant, nullable=False),
)

#: What leads to a return when it is scanned or named in an event, in capitals; ``kind`` is parcel (to the shop), unit,
#: sent (a parcel to the customer) or refund (a reference that an operator attached).
codes = Table(
    "codes",
    metadata,
    Column("kind", String(10), primary_key=True),
    Column("code", String(300), primary_key=True),
    Column("return_id", String(100), primary_key=True),
)
