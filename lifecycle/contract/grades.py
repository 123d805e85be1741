"""The grades, and where a unit goes that has one (CONTRACT section 1)."""

from enum import StrEnum


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
