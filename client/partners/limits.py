"""Limits of partners, and what they become by themselves: a pause that ends, a ramp that goes on.

Temporal keeps the limit, the database what comes next. The watch over partners carries it out, and so does whoever
looks at the limits.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from temporalio.client import Client

from client.errors import Unreachable
from client.partners.dispatch import PARTNERS, Limit, limit_of, set_limit
from gateways.database import limit_plans
from gateways.database.engine import Database
from gateways.database.limit_plans import LimitPlan
from lifecycle.contract.retries import LimitChange

#: How often a ramp is doubled, and beyond how many steps a second there is no limit any more.
RAMPS_EVERY: Final = timedelta(seconds=10)
_RAMPS_TO: Final = 100.0
#: When a plan is carried out once more, where whoever took it has not.
_TAKEN_FOR: Final = timedelta(seconds=30)


@dataclass(frozen=True)
class PlannedLimit:
    """A limit, and what comes after it by itself."""

    limit: Limit
    plan: LimitPlan | None = None

    def shown(self) -> dict[str, Any]:
        """As JSON: ``{rps, reason, at, until, then_rps}``; ``until`` is None where it stays."""
        held, plan = self.limit, self.plan
        then = plan and (plan.goal if plan.rps is None else plan.rps)
        return {"rps": held.rps, "reason": held.reason, "at": held.at, "until": plan and plan.at, "then_rps": then}


class Limits:
    """What holds for each partner, and what an operator says of it."""

    def __init__(self, client: Client, database: Database) -> None:
        self._client = client
        self._database = database

    async def of(self, partner: str) -> PlannedLimit:
        """What holds for a partner. Raises ``UnknownPartner``, ``Unreachable``."""
        await self.carry_out(datetime.now(UTC))
        held = await limit_of(self._client, partner)
        return PlannedLimit(held, (await limit_plans.plans(self._database)).get(partner))

    async def held_back(self) -> list[dict[str, Any]]:
        """``[{partner, rps, reason, at, until, then_rps}]``: limits that hold; none where Temporal does not answer."""
        try:
            held = {partner: await self.of(partner) for partner in PARTNERS}
        except Unreachable:
            return []
        return [{"partner": name, **one.shown()} for name, one in held.items() if one.limit.rps is not None]

    async def change(self, partner: str, said: LimitChange) -> PlannedLimit:
        """Have this hold from now on, on every worker. Raises ``UnknownPartner``, ``Unreachable``."""
        plan = _plan(partner, said, await self.of(partner), datetime.now(UTC))
        await limit_plans.replace(self._database, partner, plan)
        await set_limit(self._client, partner, said.rps, f"{said.why} ({said.by})")
        return await self.of(partner)

    async def carry_out(self, now: datetime) -> None:
        """Carry out the plans that are due. Raises ``Unreachable``."""
        for plan in (await limit_plans.plans(self._database)).values():
            taken_until = now + _TAKEN_FOR
            if plan.at <= now and await limit_plans.take(self._database, plan, taken_until):
                ramps = plan.rps is not None and plan.rps < (plan.goal or _RAMPS_TO)
                rps = plan.rps if ramps else plan.goal
                await set_limit(self._client, plan.partner, rps, f"{plan.why} ({plan.by})")
                follows = replace(plan, at=now + RAMPS_EVERY, rps=2 * plan.rps) if ramps and plan.rps else None
                await limit_plans.follow(self._database, plan.partner, taken_until, follows)


def _plan(partner: str, said: LimitChange, before: PlannedLimit, now: datetime) -> LimitPlan | None:
    """What comes after that by itself; in the end what held for good before it."""
    goal = before.plan.goal if before.plan else before.limit.rps or None
    if said.ramps and said.rps:
        return LimitPlan(partner, now + RAMPS_EVERY, 2 * said.rps, goal, said.by, said.why)
    if said.for_seconds is not None:
        return LimitPlan(partner, now + timedelta(seconds=said.for_seconds), None, goal, said.by, said.why)
    return None
