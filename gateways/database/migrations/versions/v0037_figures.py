"""What figures are made of: one short row for each thing that is counted, filled from what is recorded."""

import re
from collections.abc import Iterator
from typing import Any, Final

import sqlalchemy as sa
from alembic import op
from pydantic import ValidationError
from sqlalchemy.dialects import postgresql

from gateways.database.figures.facts import row_of
from lifecycle.contract.request import ReturnRequest
from lifecycle.contract.view import View
from lifecycle.figures.facts import (
    Fact,
    FactName,
    ParcelKind,
    closing,
    credited,
    failed,
    label,
    paid,
    question,
    reasons,
    refunded,
)
from lifecycle.returns.promise import Kept
from lifecycle.support.state import CaseView

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
#: Records that are read at a time: each of them has some kilobytes.
_BATCH = 500
_KINDS: Final[dict[str, ParcelKind]] = {
    "buy_return_label": "mail",
    "book_pickup": "pickup",
    "create_drop_off_code": "drop_off",
}
_listings = sa.table("listings", *map(sa.column, ("return_id", "country", "method", "currency")))
_returns = sa.table(
    "returns",
    *(sa.column("return_id"), sa.column("request", _JSON), sa.column("view", _JSON)),
    *(sa.column("opened_at", _INSTANT), sa.column("closed_at", _INSTANT)),
    *(sa.column("promise_counts"), sa.column("business_days"), sa.column("promise_target", _INSTANT)),
    *(sa.column("promise_limit", _INSTANT), sa.column("settled_at", _INSTANT)),
)
_effects = sa.table(
    "effects",
    *(sa.column("return_id"), sa.column("step"), sa.column("result", _JSON), sa.column("at", _INSTANT)),
    sa.column("state"),
)
_entries = sa.table(
    "credit_entries",
    *(
        sa.column("return_id"),
        sa.column("credit_id"),
        sa.column("kind"),
        sa.column("amount"),
        sa.column("at", _INSTANT),
    ),
)
_cases = sa.table("support_cases", sa.column("case_id"), sa.column("view", _JSON))
_COLUMNS = ("of", "name", "part", "what", "how", "country", "method", "quantity", "amount", "currency")
_facts = sa.table("facts", *map(sa.column, _COLUMNS), sa.column("at", _INSTANT))


def upgrade() -> None:
    """Add a table, and fill it; a process of the release before counts nothing while the two run side by side."""
    op.create_table(
        "facts",
        sa.Column("of", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=10), nullable=False),
        sa.Column("part", sa.String(length=150), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("what", sa.String(length=100), nullable=False),
        sa.Column("how", sa.String(length=40), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.PrimaryKeyConstraint("of", "name", "part", name=op.f("pk_facts")),
    )
    _fill(op.get_bind())
    read = ["name", "at", "what", "how", "currency", "quantity", "amount", "country", "method"]
    op.create_index("ix_facts_read", "facts", read)
    listed = ["opened_at", "closed_at", "status", "resolution", "country", "method"]
    op.create_index("ix_listings_figures", "listings", listed)


def _fill(connection: sa.Connection) -> None:
    for batch in _all(connection, _returns, _returns.c.return_id):
        ids = [row.return_id for row in batch]
        steps = _by_return(
            connection, sa.select(_effects).where(_effects.c.return_id.in_(ids), _effects.c.state == "done")
        )
        credit = _by_return(connection, sa.select(_entries).where(_entries.c.return_id.in_(ids)))
        places = _by_return(connection, sa.select(_listings).where(_listings.c.return_id.in_(ids)))
        for row in batch:
            [place] = places.get(row.return_id) or [None]
            if place is None:
                continue
            found = [*_of_steps(steps.get(row.return_id, []), place.currency)]
            found += _of_credit(credit.get(row.return_id, []), place.currency)
            _insert(connection, row.return_id, [*found, *_of_record(row)], _failed(row), place)
    for batch in _all(connection, _cases, _cases.c.case_id):
        for row in batch:
            if asked := _of_case(row):
                connection.execute(sa.insert(_facts), row_of(row.case_id, asked, "", ""))


def _all(connection: sa.Connection, table: Any, key: Any) -> Iterator[Any]:
    after = ""
    statement = sa.select(table).order_by(key).limit(_BATCH)
    while rows := connection.execute(statement.where(key > after)).all():
        yield rows
        after = getattr(rows[-1], key.name)


def _by_return(connection: sa.Connection, statement: Any) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in connection.execute(statement):
        found.setdefault(row.return_id, []).append(row)
    return found


def _of_steps(rows: list[Any], currency: str) -> Iterator[Fact]:
    """Refunds and labels; what a label took was not recorded."""
    voided = {_read(row).get("voided") for row in rows if row.step.startswith("void_label")}
    for row in rows:
        kind = _KINDS.get(row.step.rstrip("0123456789").removesuffix("-"))
        result = _read(row)
        if kind:
            made = label(row.step, row.at, kind, None)
            yield Fact(FactName.LABEL, made.part, made.at, kind, "voided" if row.step in voided else "bought")
        elif re.match(r"refund-(?!store_credit)", row.step) and result.get("status") in ("pending", "succeeded"):
            reference, amount = result.get("reference"), result.get("amount")
            if isinstance(reference, str) and isinstance(amount, int):
                yield refunded(reference, row.at, amount, currency)


def _read(step: Any) -> dict[str, Any]:
    """What a step came to; nothing where that cannot be read."""
    return step.result if isinstance(step.result, dict) else {}


def _of_credit(rows: list[Any], currency: str) -> Iterator[Fact]:
    given: dict[str, dict[str, Any]] = {}
    for row in rows:
        given.setdefault(row.credit_id, {"at": row.at})[row.kind] = row.amount
    for credit_id, one in given.items():
        if "issue" in one:
            bonus = one.get("bonus", 0)
            yield from credited(credit_id, one["at"], one["issue"] + bonus, bonus, currency)


def _of_record(row: Any) -> Iterator[Fact]:
    """What the request and the last view say; nothing where they cannot be read."""
    try:
        yield from reasons(ReturnRequest.model_validate(row.request), row.opened_at)
        if row.view and row.closed_at:
            view = View.model_validate(row.view)
            yield from closing(view, _kept(row), row.closed_at)
            yield from paid(view, row.closed_at)
    except (KeyError, ValidationError):  # a line that the order has not
        return


def _failed(row: Any) -> list[str]:
    try:
        return failed(View.model_validate(row.view)) if row.view else []
    except ValidationError:
        return []


def _of_case(row: Any) -> Fact | None:
    """Whether a question was answered in time; nothing where its view cannot be read."""
    if not isinstance(row.view, dict):
        return None
    try:
        return question(CaseView.model_validate({**row.view, "messages": []}))
    except ValidationError:
        return None


def _kept(row: Any) -> Kept | None:
    if not row.promise_counts:
        return None
    return Kept(took=row.business_days, target=row.promise_target, limit=row.promise_limit, settled=row.settled_at)


def _insert(connection: sa.Connection, return_id: str, found: list[Fact], gone: list[str], place: Any) -> None:
    """Each once; a payment is known by its own step before it is by the view."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for fact in found:
        if fact.name is not FactName.MONEY or fact.part not in gone:
            rows.setdefault((fact.name, fact.part), row_of(return_id, fact, place.country, place.method))
    if rows:
        connection.execute(sa.insert(_facts), list(rows.values()))
