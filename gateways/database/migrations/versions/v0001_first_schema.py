"""The first schema."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make all tables."""
    op.create_table(
        "claims",
        sa.Column("order_id", sa.String(length=100), nullable=False),
        sa.Column("unit_id", sa.String(length=120), nullable=False),
        sa.Column("return_id", sa.String(length=100), nullable=False),
        sa.Column("sellers_fault", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("order_id", "unit_id", name="pk_claims"),
    )
    op.create_index("ix_claims_return_id", "claims", ["return_id"], unique=False)
    op.create_table(
        "effects",
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("return_id", sa.String(length=100), nullable=False),
        sa.Column("step", sa.String(length=150), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("result", _JSON, nullable=True),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_effects"),
    )
    op.create_index("ix_effects_return_id", "effects", ["return_id"], unique=False)
    op.create_table(
        "movements",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("sku", sa.String(length=100), nullable=False),
        sa.Column("location", sa.String(length=100), nullable=False),
        sa.Column("grade", sa.String(length=1), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("serial_number", sa.String(length=100), nullable=True),
        sa.Column("return_id", sa.String(length=100), nullable=True),
        sa.Column("unit_id", sa.String(length=120), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_movements"),
    )
    op.create_index("ix_movements_return_id", "movements", ["return_id"], unique=False)
    op.create_index("ix_movements_sku", "movements", ["sku"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("return_id", sa.String(length=100), nullable=False),
        sa.Column("to", sa.String(length=254), nullable=False),
        sa.Column("recipient_name", sa.String(length=200), nullable=False),
        sa.Column("template", sa.String(length=50), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("label_of", sa.String(length=100), nullable=True),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", _INSTANT, nullable=True),
        sa.Column("sent_at", _INSTANT, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("key", name="uq_outbox_key"),
    )
    op.create_index("ix_outbox_return_id", "outbox", ["return_id"], unique=False)
    op.create_index("ix_outbox_state", "outbox", ["state"], unique=False)
    op.create_table(
        "returns",
        sa.Column("return_id", sa.String(length=100), nullable=False),
        sa.Column("order_id", sa.String(length=100), nullable=False),
        sa.Column("customer_id", sa.String(length=100), nullable=False),
        sa.Column("request", _JSON, nullable=False),
        sa.Column("status", sa.String(length=30), nullable=False),
        sa.Column("view", _JSON, nullable=True),
        sa.Column("state", _JSON, nullable=True),
        sa.Column("opened_at", _INSTANT, nullable=False),
        sa.Column("closed_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("return_id", name="pk_returns"),
    )
    op.create_index("ix_returns_customer_id_opened_at", "returns", ["customer_id", "opened_at"], unique=False)
    op.create_index("ix_returns_order_id", "returns", ["order_id"], unique=False)
    op.create_table(
        "sandbox_charges",
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("captured", sa.BigInteger(), nullable=False),
        sa.Column("refunded", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("reference", name="pk_sandbox_charges"),
    )
    op.create_table(
        "sandbox_claims",
        sa.Column("claim_id", sa.String(length=60), nullable=False),
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("tracking_code", sa.String(length=100), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.PrimaryKeyConstraint("claim_id", name="pk_sandbox_claims"),
        sa.UniqueConstraint("key", name="uq_sandbox_claims_key"),
    )
    op.create_table(
        "sandbox_faults",
        sa.Column("key", sa.String(length=400), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_sandbox_faults"),
    )
    op.create_table(
        "sandbox_refunds",
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("charge", sa.String(length=200), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("pending_left", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("reference", name="pk_sandbox_refunds"),
        sa.UniqueConstraint("key", name="uq_sandbox_refunds_key"),
    )
    op.create_index("ix_sandbox_refunds_charge", "sandbox_refunds", ["charge"], unique=False)
    op.create_table(
        "sandbox_scans",
        sa.Column("event_id", sa.String(length=60), nullable=False),
        sa.Column("tracking_code", sa.String(length=60), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("event_id", name="pk_sandbox_scans"),
    )
    op.create_index("ix_sandbox_scans_tracking_code", "sandbox_scans", ["tracking_code"], unique=False)
    op.create_table(
        "sandbox_shipments",
        sa.Column("shipment_id", sa.String(length=60), nullable=False),
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("return_id", sa.String(length=100), nullable=False),
        sa.Column("tracking_code", sa.String(length=60), nullable=False),
        sa.Column("label", _JSON, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("shipment_id", name="pk_sandbox_shipments"),
        sa.UniqueConstraint("key", name="uq_sandbox_shipments_key"),
        sa.UniqueConstraint("tracking_code", name="uq_sandbox_shipments_tracking_code"),
    )
    op.create_table(
        "stock",
        sa.Column("sku", sa.String(length=100), nullable=False),
        sa.Column("location", sa.String(length=100), nullable=False),
        sa.Column("grade", sa.String(length=1), nullable=False),
        sa.Column("on_hand", sa.BigInteger(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sku", "location", "grade", name="pk_stock"),
    )
