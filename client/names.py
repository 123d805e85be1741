"""What Temporal knows our workflows by: their types, ids and task queues, spelt in this file alone."""

from typing import Final

RETURN: Final = "ReturnWorkflow"
REPAIR: Final = "RepairWorkflow"
SUPPLIER: Final = "SupplierReturnWorkflow"
SUPPORT: Final = "SupportCaseWorkflow"
SETTLEMENT: Final = "SettlementWorkflow"
#: The signals between a return and a workflow that waits for its settlement.
SETTLEMENT_AWAITED: Final = "settlement_awaited"
SETTLED: Final = "settled"

RETURNS_QUEUE: Final = "returns"
CARRIER_QUEUE: Final = "returns-carrier"
PAYMENT_QUEUE: Final = "returns-payment"
INVENTORY_QUEUE: Final = "returns-inventory"
MESSAGES_QUEUE: Final = "returns-messages"
SUPPORT_QUEUE: Final = "support"

RETURN_PREFIX: Final = "return-"
SUPPLIER_PREFIX: Final = "supplier-"
REPAIR_PREFIX: Final = "repair:"
EARLIER_REPAIR_PREFIX: Final = "repair-"
SUPPORT_PREFIX: Final = "support-"


def return_workflow_id(return_id: str) -> str:
    """The workflow that carries a return."""
    return f"{RETURN_PREFIX}{return_id}"


def repair_id(return_id: str, unit_id: str) -> str:
    """The workflow that carries the repair of a unit: no return's id holds a colon, so no two units share one."""
    return f"{REPAIR_PREFIX}{return_id}:{unit_id}"


def earlier_repair_id(return_id: str, unit_id: str) -> str:
    """The id of repairs that began before ``repair_id`` was theirs; two units may share one."""
    return f"{EARLIER_REPAIR_PREFIX}{return_id}-{unit_id}"


def settlement_id(return_id: str, waiter: str) -> str:
    """The workflow that waits for a return's settlement, for one waiter."""
    return f"settlement:{return_id}:{waiter}"


def supplier_workflow_id(supplier_id: str) -> str:
    """The workflow that sees to a supplier's goods."""
    return f"{SUPPLIER_PREFIX}{supplier_id}"


def support_id(case_id: str) -> str:
    """The workflow that carries a support case."""
    return f"{SUPPORT_PREFIX}{case_id}"
