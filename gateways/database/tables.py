"""The tables of Homeward's own books. Instants are UTC; money is in minor units."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from gateways.database.columns import Id, Instant, Json, metadata

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
    Index("ix_returns_customer_id_opened_at", "customer_id", "opened_at"),
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
    #: The piece that came as this unit, as ``lifecycle.contract.codes`` folds it.
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

#: The ids that returns of an order were opened with; its claims are all under the ``canonical`` one.
order_names = Table(
    "order_names",
    metadata,
    Column("order_id", String(100), primary_key=True),
    Column("canonical", String(100), nullable=False, index=True),
    Column("key", String(100), nullable=False, index=True),
)

#: Which order, by its ``order_key``, named a payment first; see ``gateways.database.orders.payment_references``.
payment_references = Table(
    "payment_references",
    metadata,
    Column("reference", String(200), primary_key=True),
    Column("order_key", String(100), nullable=False),
)

#: What each return holds of its order's money, as ``lifecycle.returns.order_money.OrderMoney``. ``outside``: what had
#: been refunded by others than Homeward when it opened; ``given``: it is being paid, or is.
order_money = Table(
    "order_money",
    metadata,
    Column("return_id", String(100), primary_key=True),
    Column("order_id", String(100), nullable=False, index=True),
    Column("outside", Json, nullable=False),
    Column("held", Json, nullable=False),
    Column("given", Boolean, nullable=False),
    Column("at", Instant, nullable=False),
)

#: ``state`` is begun (asked of a partner, and what came of it is not booked) or done; ``asked`` is what a partner was
#: asked for, nothing personal.
effects = Table(
    "effects",
    metadata,
    Column("key", String(300), primary_key=True),
    Column("return_id", String(100), nullable=False, index=True),
    Column("step", String(150), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("result", Json),
    Column("at", Instant, nullable=False),
    Column("state", String(10), nullable=False, server_default="done"),
    Column("asked", Json),
)

#: Steps that failed and are tried again at ``next_at``; ``since`` is the instant of their first failure. ``key`` is
#: the ledger's (the workflow's id and the step's name), ``partner`` whose work it is, ``attempt`` counts tries so far.
waiting_steps = Table(
    "waiting_steps",
    metadata,
    Column("key", String(600), primary_key=True),
    Column("return_id", String(100), index=True),
    Column("partner", String(20), nullable=False, index=True),
    Column("step", String(150), nullable=False),
    Column("code", String(60), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("since", Instant, nullable=False),
    Column("next_at", Instant, nullable=False),
)

#: The last failure of each step, by the same key; ``words`` are the partner's own, which stand nowhere else.
failures = Table(
    "failures",
    metadata,
    Column("key", String(600), primary_key=True),
    Column("return_id", String(100), index=True),
    Column("partner", String(20), nullable=False),
    Column("step", String(150), nullable=False),
    Column("code", String(60), nullable=False),
    Column("words", Text),
    Column("at", Instant, nullable=False),
)

#: The next mail to operations about each kind of step that failed for good, or the last one: it goes out at ``due_at``.
digests = Table(
    "digests",
    metadata,
    Column("kind", String(90), primary_key=True),
    Column("due_at", Instant, nullable=False),
    Column("count", Integer, nullable=False),
    Column("named", Json, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("key", String(300), nullable=False, unique=True),
    Column("return_id", String(100), nullable=False, index=True),
    Column("to", String(254), nullable=False),
    Column("recipient_name", String(200), nullable=False),
    Column("template", String(50), nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("label_of", String(100)),
    Column("at", Instant, nullable=False),
    Column("state", String(10), nullable=False, index=True),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", Instant),
    Column("sent_at", Instant),
    Column("error", Text),
)

stock = Table(
    "stock",
    metadata,
    Column("sku", String(100), primary_key=True),
    Column("location", String(100), primary_key=True),
    Column("grade", String(1), primary_key=True),
    Column("on_hand", BigInteger, nullable=False),
    Column("reserved", BigInteger, nullable=False, default=0),
)

movements = Table(
    "movements",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("key", String(300), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("kind", String(30), nullable=False),
    Column("sku", String(100), nullable=False, index=True),
    Column("location", String(100), nullable=False),
    Column("grade", String(1), nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("reserved", BigInteger, nullable=False, default=0, server_default="0"),
    Column("serial_number", String(100)),
    Column("return_id", String(100), index=True),
    Column("unit_id", String(120)),
)

#: ``state`` is open, shipped or released; one key's rows are always in the same one.
reservations = Table(
    "reservations",
    metadata,
    Column("key", String(300), primary_key=True),
    Column("sku", String(100), primary_key=True),
    Column("location", String(100), primary_key=True),
    Column("grade", String(1), primary_key=True),
    Column("quantity", BigInteger, nullable=False),
    Column("return_id", String(100), nullable=False, index=True),
    Column("state", String(10), nullable=False, index=True),
    Column("at", Instant, nullable=False),
)

#: ``remaining`` is the sum of the lot's entries.
credit_lots = Table(
    "credit_lots",
    metadata,
    Column("credit_id", String(60), primary_key=True),
    Column("key", String(300), nullable=False, unique=True),
    Column("customer_id", String(100), nullable=False, index=True),
    Column("currency", String(3), nullable=False),
    Column("remaining", BigInteger, nullable=False),
    Column("expires_at", Instant),
    CheckConstraint("remaining >= 0", name="remaining"),
)

credit_entries = Table(
    "credit_entries",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("key", String(300), nullable=False),
    Column("credit_id", String(60), nullable=False, index=True),
    Column("kind", String(10), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Column("return_id", String(100)),
    Column("order_id", String(100)),
    UniqueConstraint("key", "kind", "credit_id"),
)

#: What the API was asked with an ``Idempotency-Key``; ``caller`` is the API key's digest.
idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("caller", String(64), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("return_id", String(100), nullable=False),
    Column("at", Instant, nullable=False),
)

#: Signing secrets, made at first use.
secrets = Table(
    "secrets",
    metadata,
    Column("name", String(50), primary_key=True),
    Column("value", String(200), nullable=False),
)

#: Who is signed in on the pages, by a digest of the id in the cookie.
sessions = Table(
    "sessions",
    metadata,
    Column("session", String(64), primary_key=True),
    Column("ends_at", Instant, nullable=False, index=True),
)

#: Sign-in links that were used, by digests of the link and of the form that did; ``ends_at``: they are too old then.
used_links = Table(
    "used_links",
    metadata,
    Column("link", String(64), primary_key=True),
    Column("used_by", String(64), nullable=False),
    Column("used_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False, index=True),
)

#: How often something was done within a time, for its limit; ``counted`` is a digest of the limit and of who did it.
rates = Table(
    "rates",
    metadata,
    Column("counted", String(64), primary_key=True),
    Column("times", Integer, nullable=False),
    Column("ends_at", Instant, nullable=False, index=True),
)

#: Sign-in links that visitors ask for, until their orders are looked up.
link_requests = Table(
    "link_requests",
    metadata,
    Column("request_id", String(100), primary_key=True),
    Column("typed", String(100), nullable=False),
    Column("email", String(300), nullable=False),
    Column("network", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False, index=True),
    Column("attempts", Integer, nullable=False),
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

#: Every webhook event taken; ``state`` is queued (to be passed on by itself), waiting (for an operator), passed or
#: dismissed. Those with a ``next_attempt_at`` are tried again by themselves.
inbox = Table(
    "inbox",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("source", String(20), nullable=False),
    Column("event_id", String(200), nullable=False),
    Column("kind", String(30), nullable=False),
    Column("return_id", String(100), index=True),
    Column("message", Json, nullable=False),
    Column("state", String(10), nullable=False, index=True),
    Column("why", Text),
    Column("at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", Instant, index=True),
    UniqueConstraint("source", "event_id"),
)

#: What happened to returns, to be told to subscribers; ``number`` counts within the return. ``spread``: every
#: subscriber's deliveries know of it.
events = Table(
    "events",
    metadata,
    Column("return_id", String(100), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("written_at", Instant, nullable=False),
    Column("data", Json, nullable=False),
    Column("spread", Boolean, nullable=False, index=True),
)

#: The events of one return for one subscriber: ``delivered`` is the number of the last one that it has, ``written``
#: of the last one there is. ``next_attempt_at`` is None when it has all.
deliveries = Table(
    "deliveries",
    metadata,
    Column("subscriber", String(64), primary_key=True),
    Column("return_id", String(100), primary_key=True),
    Column("delivered", Integer, nullable=False),
    Column("written", Integer, nullable=False),
    Column("next_attempt_at", Instant),
    Column("attempts", Integer, nullable=False),
    Column("failing_since", Instant),
    Index("ix_deliveries_subscriber_next_attempt_at", "subscriber", "next_attempt_at"),
)

#: How subscribers answer; ``subscriber`` is a digest of its URL. ``gone_at``: it wants no more.
subscribers = Table(
    "subscribers",
    metadata,
    Column("subscriber", String(64), primary_key=True),
    Column("delivered_at", Instant),
    Column("failed_at", Instant),
    Column("error", Text),
    Column("given_up", BigInteger, nullable=False),
    Column("gone_at", Instant),
)

#: The shop's orders, for the portal; ``email`` in lower case, ``key`` what spellings of the id have in common.
orders = Table(
    "orders",
    metadata,
    Column("order_id", String(100), primary_key=True),
    Column("key", String(100), nullable=False, index=True),
    Column("email", String(254), nullable=False, index=True),
    Column("placed_at", Instant, nullable=False),
    Column("order", Json, nullable=False),
)

#: ``view`` is the whole case but its messages, as it was when something last changed.
support_cases = Table(
    "support_cases",
    metadata,
    Column("case_id", String(100), primary_key=True),
    Column("queue", String(20), nullable=False),
    Column("status", String(20), nullable=False, index=True),
    Column("request", Json, nullable=False),
    Column("view", Json, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
)

#: ``number`` counts within the case.
support_messages = Table(
    "support_messages",
    metadata,
    Column("case_id", String(100), primary_key=True),
    Column("message_id", String(100), primary_key=True),
    Column("number", Integer, nullable=False),
    Column("by", String(200), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

#: The FAQ as it is searched, made from its files; ``text`` is Markdown. SQLite has its index ``faq_words`` besides.
faq = Table(
    "faq",
    metadata,
    Column("faq_id", String(100), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("topic", String(200), nullable=False),
    Column("title", String(200), nullable=False),
    Column("keywords", Text, nullable=False),
    Column("text", Text, nullable=False),
)

faq_shown = Table(
    "faq_shown",
    metadata,
    Column("faq_id", String(100), primary_key=True),
    Column("times", BigInteger, nullable=False),
)

#: Questions that an answer of the FAQ has ended, each once.
faq_endings = Table(
    "faq_endings",
    metadata,
    Column("question_id", String(100), primary_key=True),
    Column("faq_id", String(100), nullable=False, index=True),
    Column("at", Instant, nullable=False),
)
