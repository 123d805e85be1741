"""The header status: how it follows from the two tracks, and the table of allowed moves."""

import sys

from lifecycle.contract.statuses import ENDED_UNSETTLED, SETTLED, Status
from lifecycle.contract.view import GoodsState, Reception, SettlementState
from lifecycle.returns.commands import ProvideHandover
from lifecycle.returns.settlement.settling import settled_status
from lifecycle.returns.state import Return
from lifecycle.returns.units import COMING, IN_HAND

S = Status
#: Statuses in which the customer still waits for what they are owed.
UNSETTLED = (S.REQUESTED, S.IN_REVIEW, S.LABEL_SENT, S.IN_TRANSIT, S.PARTIALLY_RECEIVED, S.RECEIVED, S.SETTLING)
#: Every move that a status may make. The diagram in docs/status.md is drawn from it.
MOVES: dict[Status, frozenset[Status]] = {
    S.REQUESTED: frozenset(
        {S.IN_REVIEW, S.DECLINED, S.LABEL_SENT, S.IN_TRANSIT, S.PARTIALLY_RECEIVED, S.RECEIVED}
        | {S.SETTLING, S.CANCELLED, S.EXPIRED, *SETTLED}
    ),
    S.IN_REVIEW: frozenset(
        {S.REQUESTED, S.DECLINED, S.CANCELLED, S.IN_TRANSIT, S.PARTIALLY_RECEIVED, S.RECEIVED, S.SETTLING, *SETTLED}
    ),
    S.DECLINED: frozenset(),
    S.LABEL_SENT: frozenset(
        {S.REQUESTED, S.IN_TRANSIT, S.PARTIALLY_RECEIVED, S.RECEIVED, S.SETTLING, S.CANCELLED, S.EXPIRED} | {*SETTLED}
    ),
    S.IN_TRANSIT: frozenset({S.LABEL_SENT, S.REQUESTED, S.PARTIALLY_RECEIVED, S.RECEIVED, S.SETTLING, *SETTLED}),
    S.PARTIALLY_RECEIVED: frozenset({S.RECEIVED, S.SETTLING, *SETTLED}),
    S.RECEIVED: frozenset({S.PARTIALLY_RECEIVED, S.SETTLING, *SETTLED}),
    S.SETTLING: SETTLED,
    **{settled: frozenset({S.SETTLING, S.REJECTED}) for settled in SETTLED - {S.REJECTED}},
    S.REJECTED: frozenset({S.SETTLING, *SETTLED} - {S.REJECTED}),
    S.CANCELLED: frozenset({S.IN_REVIEW, S.IN_TRANSIT, S.PARTIALLY_RECEIVED, S.RECEIVED, S.SETTLING, *SETTLED}),
    S.EXPIRED: frozenset({S.IN_TRANSIT, S.PARTIALLY_RECEIVED, S.RECEIVED, S.SETTLING, *SETTLED}),
}


#: Where a return may stay for good.
ENDS = SETTLED | ENDED_UNSETTLED


def status_of(ret: Return) -> Status:
    """The first of these that holds (CONTRACT section 2)."""
    if ret.ended:
        return Status(ret.ended)
    if ret.settlement is SettlementState.SETTLED and not ret.money.round_open:
        return settled_status(ret)
    if ret.money.begun:
        return S.SETTLING
    if ret.decision is None:
        return S.REQUESTED
    return S.IN_REVIEW if ret.in_review else _how_far(ret)


def _how_far(ret: Return) -> Status:
    receptions = {unit.reception for unit in ret.expected}
    if receptions & IN_HAND:
        return S.PARTIALLY_RECEIVED if receptions & COMING else S.RECEIVED
    if ret.handed_over:
        return S.IN_TRANSIT
    return S.LABEL_SENT if ret.dates.label_sent and not ret.agenda.has(ProvideHandover) else S.REQUESTED


def goods_of(ret: Return) -> GoodsState:
    """How far the item's end is."""
    receptions = [unit.reception for unit in ret.expected]
    if not receptions and ret.counted:
        return GoodsState.KEPT
    if any(reception in IN_HAND for reception in receptions):
        waiting = any(reception in COMING for reception in receptions)
        return GoodsState.PARTIALLY_RECEIVED if waiting else GoodsState.RECEIVED
    if receptions and all(reception is Reception.LOST for reception in receptions):
        return GoodsState.LOST
    if ret.delivered:
        return GoodsState.DELIVERED
    return GoodsState.IN_TRANSIT if ret.handed_over else GoodsState.AWAITING


def diagram() -> str:
    """The table of moves as a Mermaid state diagram; the settled statuses are drawn as one."""
    lines = ["stateDiagram-v2", "    [*] --> requested"]
    lines += [f"    {_drawn(start)} --> {_drawn(end)}" for start in MOVES for end in S if end in MOVES[start]]
    lines += [f"    {_drawn(end)} --> [*]" for end in S if end in ENDS]
    lines.append(f"    settled: {' or '.join(status for status in S if status in SETTLED)}")
    return "\n".join(dict.fromkeys(lines)) + "\n"


def _drawn(status: Status) -> str:
    return "settled" if status in SETTLED else status


if __name__ == "__main__":
    sys.stdout.write(diagram())
