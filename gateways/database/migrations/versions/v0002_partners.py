"""Pickups and drop-off codes, holds and charges, reservations, and store credit."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """Add to what there is; no row is lost or changed."""
    _inventory()
    _store_credit()
    _payment()
    with op.batch_alter_table("returns") as returns:
        returns.add_column(sa.Column("policy", _JSON, nullable=True))
    with op.batch_alter_table("sandbox_shipments") as shipments:
        shipments.add_column(sa.Column("kind", sa.String(length=10), server_default="label", nullable=False))
        shipments.add_column(sa.Column("starts_at", _INSTANT, nullable=True))
        shipments.add_column(sa.Column("ends_at", _INSTANT, nullable=True))
        shipments.add_column(sa.Column("code", sa.String(length=20), nullable=True))


def _inventory() -> None:
    with op.batch_alter_table("movements") as movements:
        movements.add_column(sa.Column("reserved", sa.BigInteger(), server_default="0", nullable=False))
        movements.create_index("ix_movements_key", ["key"], unique=False)
    op.create_table(
        "reservations",
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("sku", sa.String(length=100), nullable=False),
        sa.Column("location", sa.String(length=100), nullable=False),
        sa.Column("grade", sa.String(length=1), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("return_id", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("key", "sku", "location", "grade", name="pk_reservations"),
    )
    op.create_index("ix_reservations_return_id", "reservations", ["return_id"], unique=False)
    op.create_index("ix_reservations_state", "reservations", ["state"], unique=False)


def _store_credit() -> None:
    op.create_table(
        "credit_lots",
        sa.Column("credit_id", sa.String(length=60), nullable=False),
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("customer_id", sa.String(length=100), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("remaining", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("credit_id", name="pk_credit_lots"),
        sa.UniqueConstraint("key", name="uq_credit_lots_key"),
        sa.CheckConstraint("remaining >= 0", name="ck_credit_lots_remaining"),
    )
    op.create_index("ix_credit_lots_customer_id", "credit_lots", ["customer_id"], unique=False)
    op.create_table(
        "credit_entries",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("credit_id", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("return_id", sa.String(length=100), nullable=True),
        sa.Column("order_id", sa.String(length=100), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_credit_entries"),
        sa.UniqueConstraint("key", "kind", "credit_id", name="uq_credit_entries_key_kind_credit_id"),
    )
    op.create_index("ix_credit_entries_credit_id", "credit_entries", ["credit_id"], unique=False)


def _payment() -> None:
    short, long = sa.String(length=200), sa.String(length=300)
    # The fallback's own name of a tender, `{return_id}/{tender_id}`, can have 201 characters.
    with op.batch_alter_table("sandbox_charges") as charges:
        charges.alter_column("reference", existing_type=short, type_=long, existing_nullable=False)
        charges.add_column(sa.Column("key", long, nullable=True))
        charges.add_column(sa.Column("fingerprint", sa.String(length=64), nullable=True))
        charges.create_unique_constraint("uq_sandbox_charges_key", ["key"])
    with op.batch_alter_table("sandbox_refunds") as refunds:
        refunds.alter_column("charge", existing_type=short, type_=long, existing_nullable=False)
    op.create_table(
        "sandbox_holds",
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("key", long, nullable=False),
        sa.Column("tender", long, nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("captured", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("reference", name="pk_sandbox_holds"),
        sa.UniqueConstraint("key", name="uq_sandbox_holds_key"),
    )
