"""The stories of the demonstration, and paths that they do not take."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import update

from gateways.database.stock.inventory import add_stock
from gateways.sandbox.tables import sandbox_refunds
from lifecycle.contract.messages import PaymentEvent, PaymentStatus
from lifecycle.repairs.messages import DiagnosisOutcome, Part, RepairCheck, RepairWork
from starter.demo import refunds
from starter.demo.stories import STORIES

if TYPE_CHECKING:
    from tests.workflows.failures.actor import Actor

_UNIT = "1-1"


async def repaired_with_parts(actor: "Actor") -> None:
    """A part is taken from stock for the repair."""
    part = f"PART-{actor.return_id}"
    await add_stock(actor.stage.db, part, 2)
    await actor.start()
    await actor.receive()
    await actor.diagnose(_UNIT, DiagnosisOutcome.REPAIRABLE)
    work = RepairWork(repair_id=uuid4().hex, parts=[Part(sku=part)])
    await actor.repairs.record_repair(actor.return_id, _UNIT, work)
    check = RepairCheck(check_id=uuid4().hex, passed=True)
    await actor.repairs.record_check(actor.return_id, _UNIT, check)
    await actor.off_the_bench(_UNIT)
    await actor.closed()


async def refund_bounced(actor: "Actor") -> None:
    """The refund fails after all, long after the return has closed; finance pays by hand."""
    await refunds.refund(actor)
    reference = (await actor.view()).settlement.paid[0].reference or ""
    bounced = update(sandbox_refunds).where(sandbox_refunds.c.reference == reference).values(status="failed")
    await actor.stage.db.write(lambda connection: connection.execute(bounced))
    event = PaymentEvent(event_id=uuid4().hex, reference=reference, status=PaymentStatus.FAILED, at=await actor.now())
    await actor.stage.homeward.payment_event(actor.return_id, event)
    await actor.attention("refund")
    await actor.mark_done("bank transfer 78")
    await actor.closed()


#: By name; each has the example that it begins with.
OWN: dict[str, tuple[Callable[["Actor"], Awaitable[None]], str]] = {
    "repaired_with_parts": (repaired_with_parts, "repair"),
    "refund_bounced": (refund_bounced, "refund"),
}
PATHS: dict[str, Callable[["Actor"], Awaitable[None]]] = {**STORIES, **{name: path for name, (path, _) in OWN.items()}}


def example_of(path: str) -> str:
    """The name of the request that a path begins with."""
    return OWN[path][1] if path in OWN else path
