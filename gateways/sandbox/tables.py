"""The tables of the built-in carrier and payment provider: what a partner keeps of its own."""

from sqlalchemy import BigInteger, Column, Integer, String, Table

from gateways.database.columns import Instant, Json, metadata

sandbox_faults = Table(
    "sandbox_faults",
    metadata,
    Column("key", String(400), primary_key=True),
    Column("times", Integer, nullable=False),
)

sandbox_shipments = Table(
    "sandbox_shipments",
    metadata,
    Column("shipment_id", String(60), primary_key=True),
    Column("key", String(300), nullable=False, unique=True),
    Column("return_id", String(100), nullable=False),
    Column("tracking_code", String(60), nullable=False, unique=True),
    Column("label", Json, nullable=False),
    Column("state", String(10), nullable=False),
    Column("kind", String(10), nullable=False, server_default="label"),
    Column("starts_at", Instant),
    Column("ends_at", Instant),
    Column("code", String(20)),
)

sandbox_scans = Table(
    "sandbox_scans",
    metadata,
    Column("event_id", String(60), primary_key=True),
    Column("tracking_code", String(60), nullable=False, index=True),
    Column("status", String(20), nullable=False),
    Column("at", Instant, nullable=False),
)

sandbox_claims = Table(
    "sandbox_claims",
    metadata,
    Column("claim_id", String(60), primary_key=True),
    Column("key", String(300), nullable=False, unique=True),
    Column("tracking_code", String(100), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
)

sandbox_charges = Table(
    "sandbox_charges",
    metadata,
    Column("reference", String(300), primary_key=True),
    Column("currency", String(3), nullable=False),
    Column("captured", BigInteger, nullable=False),
    Column("refunded", BigInteger, nullable=False),
    Column("key", String(300), unique=True),
    Column("fingerprint", String(64)),
)

sandbox_holds = Table(
    "sandbox_holds",
    metadata,
    Column("reference", String(60), primary_key=True),
    Column("key", String(300), nullable=False, unique=True),
    Column("tender", String(300), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("state", String(10), nullable=False),
    Column("captured", BigInteger),
    Column("expires_at", Instant, nullable=False),
)

sandbox_refunds = Table(
    "sandbox_refunds",
    metadata,
    Column("reference", String(60), primary_key=True),
    Column("key", String(300), nullable=False, unique=True),
    Column("charge", String(300), nullable=False, index=True),
    Column("fingerprint", String(64), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("status", String(10), nullable=False),
    Column("pending_left", Integer),
)
