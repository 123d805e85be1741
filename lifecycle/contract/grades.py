"""Grades, what each stands for, and where a unit goes that has one (CONTRACT section 1).

A grade's words are in ``content/en/grades.toml``, and everybody else asks this table; its deduction is a default that
a shop's policy may change.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final


class Grade(StrEnum):
    """Condition at inspection: A as new, B opened, C used or damaged, D unusable."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


class Disposition(StrEnum):
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


@dataclass(frozen=True)
class GradeRule:
    """What one grade stands for."""

    #: Where a unit goes when nobody says otherwise.
    disposition: Disposition
    #: Taken off the net price where the policy does not say otherwise, in percent.
    deduction_percent: Decimal


GRADES: Final = {
    Grade.A: GradeRule(Disposition.RESTOCK, Decimal(0)),
    Grade.B: GradeRule(Disposition.OPEN_BOX, Decimal(0)),
    Grade.C: GradeRule(Disposition.REFURBISH, Decimal(30)),
    Grade.D: GradeRule(Disposition.RECYCLE, Decimal(100)),
}
#: What customers are sent, and what a unit counts as before anybody has graded it.
AS_NEW: Final = Grade.A
#: What a repaired unit is sold as.
REPAIRED: Final = Grade.B
#: As what a unit that is as new is kept where it is not to be sold as new.
KEPT_AS: Final = {Disposition.OPEN_BOX: Grade.B, Disposition.REFURBISH: Grade.C, Disposition.REPAIR: Grade.C}
#: All of them, in words.
NAMED: Final = f"{', '.join([*Grade][:-1])} or {[*Grade][-1]}"
