"""What a mail about a return may say."""

from datetime import datetime
from typing import Any

from lifecycle.contract.grades import Disposition
from lifecycle.contract.statuses import SETTLED
from lifecycle.returns.commands import SendMail
from lifecycle.returns.settlement.payments import paid_now
from lifecycle.returns.settlement.statement import statement_of
from lifecycle.returns.state import Return, why_declined

#: Mails about a settlement: each way to end has one, and one more says it where nothing was sent.
SETTLEMENT_MAILS = frozenset({*SETTLED, "settled"})


def mail_values(ret: Return, mail: SendMail) -> dict[str, Any]:
    """What any mail may say of the return: dates in the shop's own days, money in minor units."""
    calendar = ret.opened.calendar

    def day(at: datetime | None) -> str | None:
        return calendar.day_of(at).isoformat() if at else None

    return {
        "amount": paid_now(ret),
        "rest": 0,
        "kept": any(unit.kept for unit in ret.units),
        "charge": ret.hold.amount if ret.hold and ret.hold.state in ("held", "captured") else None,
        "expires": None,
        "goes_back": any(unit.disposition is Disposition.RETURN_TO_CUSTOMER for unit in ret.counted),
        "tracking_code": next((item.tracking_code for item in reversed(ret.wanted) if item.tracking_code), None),
        "slots": [slot.interval for slot in ret.way.slots],
        "ship_by": day(ret.dates.ship_by),
        "target": day(ret.dates.target),
        "limit": day(ret.dates.limit),
        "reasons": mail.reason,
        "why": mail.why or (why_declined(ret.decision) if ret.decision and not mail.reason else []),
        **_left_out(ret, mail),
        **mail.values,
    }


def _left_out(ret: Return, mail: SendMail) -> dict[str, Any]:
    """What a settlement leaves out goes with the mail of it."""
    statement = statement_of(ret) if mail.template in SETTLEMENT_MAILS else None
    return {"statement": statement.model_dump(mode="json")} if statement else {}
