"""Texts out of a list; a newer Homeward may answer with others.

Made of the API's description; ``python -m clients.generate`` makes it anew.
"""

from homeward_client._base import Choice


class Acceptance(Choice):
    """What was decided about one unit."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    MANUAL_REVIEW = "manual_review"


class CaseStatus(Choice):
    """Whose word is awaited: the shop's while `open`, the customer's once `answered`; else nobody's."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"
    BECAME_RETURN = "became_return"


class Channel(Choice):
    """Where the customer asked; recorded, the path is the same."""

    WEB = "web"
    EMAIL = "email"
    PHONE = "phone"
    CHAT = "chat"
    STORE = "store"


class DiagnosisOutcome(Choice):
    """What the bench found."""

    REPAIRABLE = "repairable"
    UNREPAIRABLE = "unrepairable"
    NO_FAULT = "no_fault"


class Disposition(Choice):
    """Where a graded unit goes."""

    RESTOCK = "restock"
    OPEN_BOX = "open_box"
    REFURBISH = "refurbish"
    REPAIR = "repair"
    RETURN_TO_SUPPLIER = "return_to_supplier"
    RECYCLE = "recycle"
    DONATE = "donate"
    DISPOSE = "dispose"
    RETURN_TO_CUSTOMER = "return_to_customer"


class FeeKind(Choice):
    """What the customer paid for besides goods and shipping."""

    GIFT_WRAP = "gift_wrap"
    DUTIES = "duties"
    TIP = "tip"
    PAYMENT = "payment"
    OTHER = "other"


class GoodsState(Choice):
    """The item's end."""

    AWAITING = "awaiting"
    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"
    PARTIALLY_RECEIVED = "partially_received"
    RECEIVED = "received"
    LOST = "lost"
    KEPT = "kept"


class Grade(Choice):
    """Condition at inspection: A as new, B opened, C used or damaged, D unusable."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


class Method(Choice):
    """How the goods come back."""

    MAIL = "mail"
    PICKUP = "pickup"
    DROP_OFF = "drop_off"


class Outcome(Choice):
    """What the policy said."""

    ALLOWED = "allowed"
    PARTIAL = "partial"
    REVIEW = "review"
    DECLINED = "declined"


class PaymentState(Choice):
    """Whether an order is paid, and whether money can go back the way it came."""

    PAID = "paid"
    UNPAID = "unpaid"
    CASH_ON_DELIVERY = "cash_on_delivery"
    NET_TERMS = "net_terms"


class Queue(Choice):
    """Whose task it is: those who see to returns, or those who answer everything else."""

    RETURNS = "returns"
    SUPPORT = "support"


class Reason(Choice):
    """Why the customer sends a unit back."""

    DEFECTIVE = "defective"
    NOT_AS_DESCRIBED = "not_as_described"
    WRONG_ITEM = "wrong_item"
    DAMAGED_IN_TRANSIT = "damaged_in_transit"
    SIZE_TOO_SMALL = "size_too_small"
    SIZE_TOO_LARGE = "size_too_large"
    COLOR = "color"
    STYLE = "style"
    UNWANTED = "unwanted"
    OTHER = "other"


class Reception(Choice):
    """Where one unit is, as far as the shop knows."""

    AWAITING = "awaiting"
    IN_TRANSIT = "in_transit"
    RECEIVED = "received"
    LOST = "lost"
    WRONG_ITEM = "wrong_item"
    MISSING = "missing"
    NOT_EXPECTED = "not_expected"


class RepairOutcome(Choice):
    """How a repair ended, for the return to act on."""

    REPAIRED = "repaired"
    NO_FAULT = "no_fault"
    REFUSED = "refused"
    SILENT = "silent"
    UNREPAIRABLE = "unrepairable"


class RepairState(Choice):
    """Where a repair stands; the last three are ends. Silence ends as `refused`, a sound unit as `done`."""

    DIAGNOSING = "diagnosing"
    AWAITING_CUSTOMER = "awaiting_customer"
    REPAIRING = "repairing"
    CHECKING = "checking"
    DONE = "done"
    REFUSED = "refused"
    UNREPAIRABLE = "unrepairable"


class Resolution(Choice):
    """What the customer wants instead."""

    REFUND = "refund"
    STORE_CREDIT = "store_credit"
    REPLACEMENT = "replacement"
    EXCHANGE = "exchange"
    REPAIR = "repair"


class RuleName(Choice):
    """The policy's decision rules."""

    NOT_DELIVERED = "not_delivered"
    WINDOW = "window"
    FINAL_SALE = "final_sale"
    RESOLUTION = "resolution"
    METHOD = "method"
    WARRANTY = "warranty"
    ALREADY_RETURNED = "already_returned"
    AMOUNT = "amount"
    FREQUENT_RETURNER = "frequent_returner"
    REJECTED_BEFORE = "rejected_before"
    SET = "set"


class SettlementState(Choice):
    """The customer's end."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    SETTLED = "settled"
    FAILED = "failed"


class Sort(Choice):
    """By when they were opened; by what the goods cost, the dearest first; by their last change, the earliest first."""

    NEWEST = "newest"
    OLDEST = "oldest"
    VALUE = "value"
    UPDATED = "updated"


class Status(Choice):
    """The header status, derived from both tracks."""

    REQUESTED = "requested"
    IN_REVIEW = "in_review"
    DECLINED = "declined"
    LABEL_SENT = "label_sent"
    IN_TRANSIT = "in_transit"
    PARTIALLY_RECEIVED = "partially_received"
    RECEIVED = "received"
    SETTLING = "settling"
    REFUNDED = "refunded"
    CREDITED = "credited"
    REPLACED = "replaced"
    EXCHANGED = "exchanged"
    REPAIRED = "repaired"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class TenderKind(Choice):
    """How a part of the order was paid."""

    CARD = "card"
    GIFT_CARD = "gift_card"
    STORE_CREDIT = "store_credit"
    OTHER = "other"


class UnitStage(Choice):
    """How far a unit is."""

    GATHERED = "gathered"
    ASKED = "asked"
    AUTHORISED = "authorised"
    SHIPPED = "shipped"
    CREDITED = "credited"
    REFUSED = "refused"
