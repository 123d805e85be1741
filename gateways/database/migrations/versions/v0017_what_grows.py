"""What a closed return says of the promise, beside its view, and indexes for what is listed among very many."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op
from pydantic import ValidationError
from sqlalchemy.dialects import postgresql

from lifecycle.contract.view import View
from lifecycle.returns.promise import kept

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_WAITING = sa.text("next_attempt_at IS NOT NULL")
#: Returns that are read at a time: each of them has some kilobytes.
_BATCH = 500
_effects = sa.table("effects", sa.column("key"), sa.column("result", _JSON))
_returns = sa.table(
    "returns",
    *(sa.column("return_id"), sa.column("view", _JSON), sa.column("closed_at"), sa.column("promise_counts")),
    *(sa.column("promise_target", _INSTANT), sa.column("promise_limit", _INSTANT)),
    *(sa.column("settled_at", _INSTANT), sa.column("business_days")),
)


def upgrade() -> None:
    """Add to what there is; no row is lost."""
    with op.batch_alter_table("returns") as batch:
        batch.add_column(sa.Column("promise_counts", sa.Boolean(), nullable=True))
        batch.add_column(sa.Column("promise_target", _INSTANT, nullable=True))
        batch.add_column(sa.Column("promise_limit", _INSTANT, nullable=True))
        batch.add_column(sa.Column("settled_at", _INSTANT, nullable=True))
        batch.add_column(sa.Column("business_days", sa.Integer(), nullable=True))
    fill(op.get_bind())
    op.create_index(
        "ix_returns_closed_at",
        "returns",
        ["closed_at", "promise_counts", "promise_target", "promise_limit", "settled_at", "business_days"],
    )
    _index_lists()
    _index_what_waits()


def fill(connection: sa.Connection) -> None:
    """Work out what closed returns say of the promise, where it is not known yet."""
    values: dict[str, Any] = {name: sa.bindparam(f"new_{name}") for name in _said(None)}
    keep = sa.update(_returns).where(_returns.c.return_id == sa.bindparam("of")).values(values)
    for batch in _unknown(connection):
        said = {row.return_id: _kept(row.view, row.result) for row in batch}
        rows = [{"of": of, **{f"new_{name}": new[name] for name in new}} for of, new in said.items() if new]
        if rows:
            connection.execute(keep, rows)


def _unknown(connection: sa.Connection) -> Iterator[Any]:
    """By parts, in the order of their ids: those that are known by then are passed over."""
    opening = _effects.c.key == sa.literal("return-") + _returns.c.return_id + sa.literal("/open")
    closed = (_returns.c.closed_at.is_not(None), _returns.c.view.is_not(None), _returns.c.promise_counts.is_(None))
    statement = sa.select(_returns.c.return_id, _returns.c.view, _effects.c.result).outerjoin(_effects, opening)
    after = ""
    while rows := connection.execute(
        statement.where(*closed, _returns.c.return_id > after).order_by(_returns.c.return_id).limit(_BATCH)
    ).all():
        yield rows
        after = rows[-1].return_id


def _kept(view: Any, opening: Any) -> dict[str, Any] | None:
    """None for records that cannot be read: whoever asks for them hears why."""
    try:
        return _said(kept(View.model_validate(view), opening) if opening else None)
    except (ValidationError, KeyError):
        return None


def _said(one: Any) -> dict[str, Any]:
    return {
        "promise_counts": one is not None,
        "promise_target": one and one.target,
        "promise_limit": one and one.limit,
        "settled_at": one and one.settled,
        "business_days": one and one.took,
    }


def _index_lists() -> None:
    op.create_index("ix_outbox_to_id", "outbox", [sa.text('lower("to")'), "id"])
    op.create_index("ix_orders_placed_at", "orders", ["placed_at"])
    op.drop_index("ix_support_cases_status", "support_cases")
    op.create_index("ix_support_cases_opened_at_case_id", "support_cases", ["opened_at", "case_id"])
    op.create_index("ix_support_cases_status_opened_at_case_id", "support_cases", ["status", "opened_at", "case_id"])
    op.drop_index("ix_inbox_return_id", "inbox")
    op.create_index("ix_inbox_return_id_state", "inbox", ["return_id", "state"])


def _index_what_waits() -> None:
    """Of these tables nearly all rows are done with."""
    op.drop_index("ix_inbox_next_attempt_at", "inbox")
    op.create_index("ix_inbox_waiting", "inbox", ["id"], sqlite_where=_WAITING, postgresql_where=_WAITING)
    op.drop_index("ix_deliveries_subscriber_next_attempt_at", "deliveries")
    op.create_index(
        "ix_deliveries_waiting",
        "deliveries",
        ["subscriber", "next_attempt_at"],
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    )
    op.drop_index("ix_events_spread", "events")
    op.create_index(
        "ix_events_new",
        "events",
        ["return_id", "number"],
        sqlite_where=sa.text("spread IS 0"),
        postgresql_where=sa.text("spread IS false"),
    )
