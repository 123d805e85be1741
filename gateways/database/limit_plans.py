"""What the limit of a partner becomes by itself, and when: the end of a pause, or the next step of a ramp."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from gateways.database.engine import Database, rows_of
from gateways.database.statements import insert_for
from gateways.database.tables.steps import limit_plans


@dataclass(frozen=True)
class LimitPlan:
    """At ``at`` the limit of a partner becomes ``rps``, then twice that, and so on; with None at once ``goal``.

    ``goal`` is what holds in the end, None without a limit. ``by`` and ``why`` are whoever planned it.
    """

    partner: str
    at: datetime
    rps: float | None
    goal: float | None
    by: str
    why: str


async def plans(database: Database) -> dict[str, LimitPlan]:
    """By partner: each has one at most."""
    return {row["partner"]: LimitPlan(**row) for row in await rows_of(database, select(limit_plans))}


async def replace(database: Database, partner: str, plan: LimitPlan | None) -> None:
    """Have this plan hold for a partner, and no other."""

    def work(connection: Connection) -> None:
        connection.execute(delete(limit_plans).where(limit_plans.c.partner == partner))
        if plan is not None:
            connection.execute(insert_for(limit_plans, connection.dialect.name).values(**asdict(plan)))

    await database.write(work)


async def take(database: Database, plan: LimitPlan, again_at: datetime) -> bool:
    """Whether it is the caller's to carry out; should that come to nothing, it is due ``again_at``."""
    mine = update(limit_plans).where(limit_plans.c.partner == plan.partner, limit_plans.c.at == plan.at)
    taken = mine.values(at=again_at).returning(limit_plans.c.partner)
    return await database.write(lambda connection: connection.execute(taken).first() is not None)


async def follow(database: Database, partner: str, taken_until: datetime, plan: LimitPlan | None) -> None:
    """What was taken is carried out: this comes next, unless an operator has said something else meanwhile."""
    same = (limit_plans.c.partner == partner) & (limit_plans.c.at == taken_until)
    next_one = update(limit_plans).values(**asdict(plan)) if plan else delete(limit_plans)
    await database.write(lambda connection: connection.execute(next_one.where(same)))
