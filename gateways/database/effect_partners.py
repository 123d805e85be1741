"""Which of several partners of a kind an effect was asked of: kept with the effect, for every later call about it."""

from sqlalchemy import Connection, bindparam, select, update

from gateways.database.engine import Database
from gateways.database.tables.steps import effects

_OF = effects.c.key == bindparam("of")
_ASSIGN = update(effects).where(_OF, effects.c.partner.is_(None)).values(partner=bindparam("name"))
_ASKED = select(effects.c.partner).where(_OF)
_KEEP = update(effects).where(_OF).values(reference=bindparam("called"))
_MAKER = (
    select(effects.c.partner)
    .where(effects.c.reference == bindparam("called"), effects.c.partner.is_not(None))
    .order_by(effects.c.at)
    .limit(1)
)


async def assign(database: Database, key: str, partner: str) -> str:
    """Keep whom an effect is asked of, before it is; whoever was asked before stays, and is given."""

    def work(connection: Connection) -> str:
        connection.execute(_ASSIGN, {"of": key, "name": partner})
        return connection.execute(_ASKED, {"of": key}).scalar() or partner

    return await database.write(work)


async def asked(database: Database, key: str) -> str | None:
    """Whom an effect was asked of; None for one that names nobody, or is not there."""
    return await database.read(lambda connection: connection.execute(_ASKED, {"of": key}).scalar())


async def keep_reference(database: Database, key: str, reference: str) -> None:
    """Keep what the partner calls what it made, such as a tracking code or the reference of a refund."""
    await database.write(lambda connection: connection.execute(_KEEP, {"of": key, "called": reference}))


def maker_in(connection: Connection, reference: str) -> str | None:
    """Who made what has that reference; None when nobody is known to have."""
    return connection.execute(_MAKER, {"called": reference}).scalar()


async def maker(database: Database, reference: str) -> str | None:
    """The same, in a transaction of its own."""
    return await database.read(lambda connection: maker_in(connection, reference))
