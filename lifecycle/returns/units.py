"""One physical piece: where it is, what was decided about it, what it is worth."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from lifecycle.contract.grades import Disposition, Grade
from lifecycle.contract.request import Reason
from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.view import Acceptance, Reception
from lifecycle.returns.prices import UnitPrice

#: Receptions of units that are in the warehouse's hands.
IN_HAND = frozenset({Reception.RECEIVED, Reception.WRONG_ITEM})
#: Receptions of units that may still come.
COMING = frozenset({Reception.AWAITING, Reception.IN_TRANSIT})
#: Receptions of units nobody waits for, though they may turn up.
GONE = frozenset({Reception.LOST, Reception.MISSING})
#: What is noted of a unit that its parcel did not hold; customers read it in their own language.
NOT_HELD: Final = "your parcel did not hold it"
#: Dispositions that give a unit to somebody else than its owner: not before its data is wiped.
_TO_OTHERS = frozenset(Disposition) - {Disposition.RETURN_TO_CUSTOMER}


@dataclass
class Bench:
    """What the repair bench says of a unit; ``estimate`` in minor units."""

    state: Literal["diagnosing", "awaiting_customer", "repairing", "checking", "done", "refused", "unrepairable"]
    estimate: int | None = None
    #: The bench is done with it; what came of it.
    outcome: Literal["repaired", "no_fault", "refused", "silent", "unrepairable"] | None = None
    #: Which workflow carries it; None until it has begun.
    workflow_id: str | None = None


@dataclass
class Wipe:
    """The attestation that a unit's personal data was wiped."""

    by: str
    how: str
    at: datetime


@dataclass
class UnitState:
    """One physical piece and what is known of it. Money in minor units."""

    unit_id: str
    line_id: str
    sku: str
    reason: Reason
    price: UnitPrice
    serial_number: str | None = None
    reception: Reception = Reception.AWAITING
    acceptance: Acceptance = Acceptance.PENDING
    grade: Grade | None = None
    disposition: Disposition | None = None
    location: str | None = None
    #: The step that was to book it in, and that an operator answered for: whether it did, the ledger knows.
    booked_by: str | None = None
    #: Where stock holds it now: location and grade ("" while ungraded); None when it holds it nowhere.
    booked: tuple[str, str] | None = None
    refund: int | None = None
    #: A settlement has counted this unit; its worth is frozen.
    settled: bool = False
    #: The customer is paid for it and keeps it.
    kept: bool = False
    #: It may hold the customer's data: nobody else gets it before that is wiped.
    personal: bool = False
    wiped: Wipe | None = None
    supplier_id: str | None = None
    in_warranty: bool = False
    bench: Bench | None = None
    #: What the customer gets for this unit, where that is not what the return is for.
    remedy: Resolution | None = None
    #: Why it was rejected, in the warehouse's words.
    note: str | None = None
    #: What was reported to the database of whether it is back for good.
    back_told: bool | None = None
    #: Why an operator has to look at it.
    flag: str | None = None
    #: Whether its piece came before, in another return, is not known yet.
    unchecked: bool = False
    #: It was sent back to the customer.
    gone_back: bool = False
    #: Its own journey has begun: to the supplier, or over the bench to a shelf.
    handed_on: bool = False

    @property
    def expected(self) -> bool:
        """Whether this return waits, or waited, for it."""
        return self.reception is not Reception.NOT_EXPECTED

    @property
    def needs_wipe(self) -> bool:
        """Whether it waits for an attestation that the customer's data is gone."""
        return self.personal and self.wiped is None and self.disposition in _TO_OTHERS

    @property
    def judged(self) -> bool:
        """Whether the warehouse, or the bench, has given its verdict."""
        repaired = self.bench is not None and self.bench.outcome is not None
        return self.acceptance is Acceptance.REJECTED or self.grade is not None or repaired

    @property
    def payable(self) -> bool:
        """Whether a settlement can count it now: judged, lost, or accepted by hand."""
        if self.acceptance is Acceptance.MANUAL_REVIEW or self.unchecked:
            return False
        judged = self.judged or self.acceptance is Acceptance.ACCEPTED
        return judged or self.kept or self.reception is Reception.LOST

    @property
    def decided(self) -> bool:
        """Whether a settlement need not wait for it any longer."""
        return self.payable or self.reception is Reception.MISSING
