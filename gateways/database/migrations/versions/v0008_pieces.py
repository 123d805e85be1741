"""Which piece came as a claimed unit, and units that were rejected and are back with their customer."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_claims = sa.table("claims", *map(sa.column, ("order_id", "unit_id", "return_id", "serial_number")))
_codes = sa.table("codes", *map(sa.column, ("kind", "code", "return_id")))
_movements = sa.table("movements", *map(sa.column, ("return_id", "unit_id", "serial_number")))
_rejected = sa.table(
    "rejected_units", *map(sa.column, ("order_id", "unit_id", "return_id", "serial_number")), sa.column("at", _INSTANT)
)
_returns = sa.table("returns", sa.column("return_id"), sa.column("view", _JSON), sa.column("closed_at", _INSTANT))


def upgrade() -> None:
    """Pieces that have been received are known from now on; what went back to its customer is free again."""
    with op.batch_alter_table("claims") as batch:
        batch.add_column(sa.Column("serial_number", sa.String(length=100), nullable=True))
    op.create_table(
        "rejected_units",
        sa.Column("order_id", sa.String(length=100), nullable=False),
        sa.Column("unit_id", sa.String(length=120), nullable=False),
        sa.Column("return_id", sa.String(length=100), nullable=False),
        sa.Column("serial_number", sa.String(length=100), nullable=True),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("order_id", "unit_id", "return_id", name="pk_rejected_units"),
    )
    connection = op.get_bind()
    _codes_without_blanks(connection)
    _pieces(connection)
    _free_what_went_back(connection)


def _folded(column: Any) -> Any:
    return sa.func.upper(sa.func.replace(column, " ", ""))


def _codes_without_blanks(connection: sa.Connection) -> None:
    """Codes are compared without any blank."""
    with_blanks = sa.select(_codes).where(_codes.c.code.like("% %"))
    wanted = {(row.kind, row.code.replace(" ", ""), row.return_id) for row in connection.execute(with_blanks)}
    known = set(map(tuple, connection.execute(sa.select(_codes))))
    connection.execute(sa.delete(_codes).where(_codes.c.code.like("% %")))
    new = [dict(zip(("kind", "code", "return_id"), row, strict=True)) for row in sorted(wanted - known)]
    if new:
        connection.execute(sa.insert(_codes), new)


def _pieces(connection: sa.Connection) -> None:
    piece = (
        sa.select(sa.func.max(_folded(_movements.c.serial_number)))
        .where(_movements.c.return_id == _claims.c.return_id, _movements.c.unit_id == _claims.c.unit_id)
        .scalar_subquery()
    )
    connection.execute(sa.update(_claims).values(serial_number=piece))


def _free_what_went_back(connection: sa.Connection) -> None:
    closed = sa.select(_returns).where(_returns.c.closed_at.is_not(None), _returns.c.view.is_not(None))
    for row in connection.execute(closed).all():
        for unit in row.view["units"]:
            went_back = unit["acceptance"] == "rejected" and unit["disposition"] == "return_to_customer"
            if went_back and unit["reception"] in ("received", "wrong_item") and not unit["refund"]:
                _free(connection, row.return_id, unit["unit_id"], row.closed_at)


def _free(connection: sa.Connection, return_id: str, unit_id: str, at: Any) -> None:
    mine = (_claims.c.return_id == return_id, _claims.c.unit_id == unit_id)
    for claim in connection.execute(sa.select(_claims).where(*mine)).mappings().all():
        connection.execute(sa.insert(_rejected).values(**claim, at=at))
    connection.execute(sa.delete(_claims).where(*mine))
