"""Bring a database on whose 0003 was an earlier edition: it was edited in place three times before it was kept.

Such a database says that it is at 0003, and lacks up to six tables. What it has of the tables that have another shape
now was never written to by the versions of that time, so these are made anew. A database of the last edition is left
as it is.
"""

# ruff: noqa: SLF001 - the kept edition is taken part by part
import sqlalchemy as sa
from alembic import op

from gateways.database.migrations.versions import v0003_front_doors as kept

revision = "0003a"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make what an earlier edition did not."""
    schema = sa.inspect(op.get_bind())
    there = set(schema.get_table_names())
    inbox = {column["name"] for column in schema.get_columns("inbox")}
    if "attempts" not in inbox:
        op.drop_table("inbox")
        kept._events_in()
    if "support_messages" not in there:
        op.drop_table("support_cases")
        kept._support()
    if "faq" not in there:
        kept._faq()
    if "codes" not in there:
        kept._codes()
    elif "subscribers" not in there:
        _add_codes()
    if "subscribers" not in there:
        op.drop_table("deliveries")
        op.drop_table("events")
        kept._events_out()


def _add_codes() -> None:
    """An earlier edition knew parcels to the shop and serial numbers, but no parcels to customers."""
    connection = op.get_bind()
    codes = sa.table("codes", sa.column("kind"), sa.column("code"), sa.column("return_id"))
    there = {tuple(row) for row in connection.execute(sa.select(codes))}
    known = {(kind, code.strip().upper(), of) for kind, code, of in kept._known_codes(connection)}
    missing = sorted(known - there)
    if missing:
        op.bulk_insert(codes, [{"kind": kind, "code": code, "return_id": of} for kind, code, of in missing])
