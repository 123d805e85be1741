"""The header status: how it follows from the two tracks, and the table of allowed moves."""

import sys

from lifecycle.settling import settled_status
from lifecycle.state import COMING, IN_HAND, Return
from lifecycle.view import GoodsState, Reception, SettlementState, Status

S = Status
#: Settled statuses; which one it is follows from the resolution.
SETTLED = (S.REFUNDED, S.REJECTED)
#: Statuses in which the customer still waits for what they are owed.
UNSETTLED = (S.REQUESTED, S.IN_REVIEW, S.LABEL_SENT, S.IN_TRANSIT, S.PARTIALLY_RECEIVED, S.RECEIVED, S.SETTLING)
#: Every move that a status may make. The diagram in docs/status.md is drawn from it.
MOVES: dict[Status, frozenset[Status]] = {
    S.REQUESTED: frozenset(
        {S.IN_REVIEW, S.DECLINED, S.LABEL_SENT, S.IN_TRANSIT, S.PARTIALLY_RECEIVED, S.RECEIVED}
        | {S.SETTLING, S.CANCELLED, *SETTLED}
    ),
    S.IN_REVIEW: frozenset({S.REQUESTED, S.DECLINED, S.CANCELLED, S.SETTLING, *SETTLED}),
    S.DECLINED: frozenset(),
    S.LABEL_SENT: frozenset(
        {S.REQUESTED, S.IN_TRANSIT, S.PARTIALLY_RECEIVED, S.RECEIVED, S.SETTLING, S.CANCELLED, S.EXPIRED} | {*SETTLED}
    ),
    S.IN_TRANSIT: frozenset({S.LABEL_SENT, S.REQUESTED, S.PARTIALLY_RECEIVED, S.RECEIVED, S.SETTLING, *SETTLED}),
    S.PARTIALLY_RECEIVED: frozenset({S.RECEIVED, S.SETTLING, *SETTLED}),
    S.RECEIVED: frozenset({S.SETTLING, *SETTLED}),
    S.SETTLING: frozenset(SETTLED),
    S.REFUNDED: frozenset({S.SETTLING, S.REJECTED}),
    S.REJECTED: frozenset({S.SETTLING, S.REFUNDED}),
    S.CANCELLED: frozenset({S.IN_TRANSIT, S.PARTIALLY_RECEIVED, S.RECEIVED, S.SETTLING, *SETTLED}),
    S.EXPIRED: frozenset({S.IN_TRANSIT, S.PARTIALLY_RECEIVED, S.RECEIVED, S.SETTLING, *SETTLED}),
}


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
    return S.LABEL_SENT if ret.dates.label_sent and not ret.agenda.label else S.REQUESTED


def goods_of(ret: Return) -> GoodsState:
    """How far the item's end is."""
    receptions = [unit.reception for unit in ret.expected]
    if any(reception in IN_HAND for reception in receptions):
        waiting = any(reception in COMING for reception in receptions)
        return GoodsState.PARTIALLY_RECEIVED if waiting else GoodsState.RECEIVED
    if receptions and all(reception is Reception.LOST for reception in receptions):
        return GoodsState.LOST
    if ret.delivered:
        return GoodsState.DELIVERED
    return GoodsState.IN_TRANSIT if ret.handed_over else GoodsState.AWAITING


def diagram() -> str:
    """The table of moves as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", "    [*] --> requested"]
    lines += [f"    {start} --> {end}" for start in MOVES for end in S if end in MOVES[start]]
    lines += [f"    {end} --> [*]" for end in (S.DECLINED, S.REFUNDED, S.REJECTED, S.CANCELLED, S.EXPIRED)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(diagram())
