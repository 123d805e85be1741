"""What the policy would say to a request, before anything is begun."""

from datetime import datetime

from gateways.database.engine import Database
from gateways.database.returns import records
from lifecycle.contract.policy import Policy
from lifecycle.contract.request import ReturnRequest
from lifecycle.contract.view import Decision, Outcome
from lifecycle.returns.eligibility import decide
from lifecycle.returns.state import reasons


async def would_decline(db: Database, policy: Policy, request: ReturnRequest, now: datetime) -> str | None:
    """Why the policy declines it, beside what the order's other returns hold; None when it does not."""
    known = await db.read_with_locks(
        lambda connection: records.facts_beside(connection, request.order, request.return_id or "", now)
    )
    decision = decide(request, policy, known, now).decision
    return declined(decision) if decision.outcome is Outcome.DECLINED else None


def declined(decision: Decision | None) -> str:
    """What is said of a decision that declines; None for one that is not known any more."""
    why = reasons(decision) if decision else None
    return f"the policy declines it: {why}" if why else "the policy declines it"
