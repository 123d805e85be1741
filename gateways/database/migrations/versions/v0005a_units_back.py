"""Which of the claimed units are really back."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005a"
down_revision = "0007a"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_claims = sa.table("claims", sa.column("return_id"), sa.column("unit_id"), sa.column("back"))


def upgrade() -> None:
    """Add to what there is; of returns that have closed, their final view says which units are back."""
    with op.batch_alter_table("claims") as batch:
        batch.add_column(sa.Column("back", sa.Boolean(), nullable=False, server_default=sa.false()))
    connection = op.get_bind()
    returns = sa.table("returns", sa.column("return_id"), sa.column("view", _JSON))
    for return_id, view in connection.execute(sa.select(returns.c.return_id, returns.c.view)).all():
        if not view or view.get("settlement", {}).get("resolution") not in ("refund", "store_credit"):
            continue
        for unit in view["units"]:
            came = unit["reception"] in ("received", "lost") and unit["disposition"] != "return_to_customer"
            if came and unit["acceptance"] == "accepted":
                mine = (_claims.c.return_id == return_id) & (_claims.c.unit_id == unit["unit_id"])
                connection.execute(sa.update(_claims).where(mine).values(back=sa.true()))
