"""One short row for each return, by which it is listed, and the words that it is found by."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op
from pydantic import ValidationError
from sqlalchemy.dialects import postgresql

from gateways.database.forgetting.blanks import MAILBOX
from gateways.database.returns.listing import row_of
from gateways.database.returns.search_words import PERSONAL, terms_of, trigrams
from lifecycle.contract.request import ReturnRequest
from lifecycle.contract.statuses import Status

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_TERM = sa.String(length=254).with_variant(sa.String(length=254, collation="C"), "postgresql")
#: Returns that are read at a time: each of them has some kilobytes.
_BATCH = 500
_returns = sa.table(
    "returns",
    *(sa.column("return_id"), sa.column("request", _JSON), sa.column("view", _JSON), sa.column("status")),
    *(sa.column("opened_at", _INSTANT), sa.column("closed_at", _INSTANT)),
)
_COLUMNS = ("return_id", "order_id", "status", "resolution", "method", "country", "reasons", "value", "currency")
_listings = sa.table(
    "listings", *map(sa.column, _COLUMNS), sa.column("opened_at", _INSTANT), sa.column("closed_at", _INSTANT)
)
_terms = sa.table("search_terms", *map(sa.column, ("term", "kind", "return_id")))
_trigrams = sa.table("name_trigrams", *map(sa.column, ("trigram", "word")))


def upgrade() -> None:
    """Add three tables, and fill them from the returns that there are."""
    op.create_table(
        "listings",
        sa.Column("return_id", sa.String(length=100), nullable=False),
        sa.Column("order_id", sa.String(length=100), nullable=False),
        sa.Column("opened_at", _INSTANT, nullable=False),
        sa.Column("closed_at", _INSTANT, nullable=True),
        sa.Column("status", sa.String(length=30), nullable=False),
        sa.Column("resolution", sa.String(length=20), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("reasons", sa.String(length=300), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.PrimaryKeyConstraint("return_id", name=op.f("pk_listings")),
    )
    op.create_table(
        "search_terms",
        sa.Column("term", _TERM, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("return_id", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("term", "kind", "return_id", name=op.f("pk_search_terms")),
    )
    op.create_table(
        "name_trigrams",
        sa.Column("trigram", _TERM, nullable=False),
        sa.Column("word", _TERM, nullable=False),
        sa.PrimaryKeyConstraint("trigram", "word", name=op.f("pk_name_trigrams")),
    )
    _fill(op.get_bind())
    op.create_index("ix_listings_opened_at_return_id", "listings", ["opened_at", "return_id"])
    op.create_index("ix_listings_status_opened_at_return_id", "listings", ["status", "opened_at", "return_id"])
    op.create_index("ix_listings_value_return_id", "listings", ["value", "return_id"])
    op.create_index("ix_search_terms_return_id", "search_terms", ["return_id"])
    op.create_index("ix_name_trigrams_word", "name_trigrams", ["word"])


def _fill(connection: sa.Connection) -> None:
    names = set[str]()
    for batch in _all(connection):
        read = [(row, request) for row in batch if (request := _request(row.request))]
        terms = [(row.return_id, kind, term) for row, request in read for kind, term in _terms_of(row, request)]
        names |= {term for _, kind, term in terms if kind == "name"}
        rows = [_listed(row, request) for row, request in read]
        if rows:
            connection.execute(sa.insert(_listings), rows)
            found = [{"return_id": of, "kind": kind, "term": term} for of, kind, term in terms]
            connection.execute(sa.insert(_terms), found)
    spelt = [{"trigram": trigram, "word": word} for word in sorted(names) for trigram in sorted(trigrams(word))]
    for start in range(0, len(spelt), _BATCH):
        connection.execute(sa.insert(_trigrams), spelt[start : start + _BATCH])


def _all(connection: sa.Connection) -> Iterator[Any]:
    after = ""
    statement = sa.select(_returns).order_by(_returns.c.return_id).limit(_BATCH)
    while rows := connection.execute(statement.where(_returns.c.return_id > after)).all():
        yield rows
        after = rows[-1].return_id


def _request(recorded: Any) -> ReturnRequest | None:
    """None for a record that cannot be read: it is found by its id still."""
    try:
        return ReturnRequest.model_validate(recorded)
    except ValidationError:
        return None


def _terms_of(row: Any, request: ReturnRequest) -> set[tuple[str, str]]:
    """All but who a customer was that has been forgotten."""
    terms = terms_of(row.return_id, request)
    forgotten = request.order.customer.email == MAILBOX
    return {(kind, term) for kind, term in terms if not forgotten or kind not in PERSONAL}


def _listed(row: Any, request: ReturnRequest) -> dict[str, Any]:
    known = row_of(row.return_id, request, Status(row.status), row.opened_at)
    found = {name: known[name] for name in (*_COLUMNS, "opened_at")} | {"closed_at": row.closed_at}
    if row.view:
        found["resolution"] = row.view["settlement"]["resolution"]
        # Views of the first versions say nothing of the way.
        found["method"] = row.view.get("handover", {}).get("method", known["method"])
    return found
