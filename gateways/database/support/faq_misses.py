"""What the FAQ had no answer to: words of searches that found nothing, each by itself, and how often it was typed.

Who searched, when, and for what in one sentence is not kept; nor a word with a digit or a sign, which may be
somebody's number or address. A word that was typed once may be a name, and is not shown.
"""

from typing import Final

from sqlalchemy import Connection, func, select, update

from gateways.database.engine import Database
from gateways.database.statements import insert_for
from gateways.database.tables.desk import faq_misses

#: Words of one search, letters of a word, and words that are kept in all: who types nonsense fills no database.
_MOST, _SHORTEST, _LONGEST, _KEPT = 8, 3, 30, 5000
#: Words that were typed less often are not shown.
SHOWN_FROM: Final = 2


async def count_misses(database: Database, searched: str) -> None:
    """Count the words of a search that found nothing. Raises ``Unavailable``."""
    words = {word for word in searched.casefold().split()[:_MOST] if word.isalpha()}
    counted = sorted(word for word in words if _SHORTEST <= len(word) <= _LONGEST)
    if not counted:
        return

    await database.write(lambda connection: _count(connection, counted))


def _count(connection: Connection, words: list[str]) -> None:
    full = connection.execute(select(func.count()).select_from(faq_misses)).scalar_one() >= _KEPT
    for word in words:
        again = update(faq_misses).where(faq_misses.c.word == word).values(times=faq_misses.c.times + 1)
        if connection.execute(again).rowcount or full:
            continue
        new = insert_for(faq_misses, connection.dialect.name).values(word=word, times=1)
        twice = {"times": faq_misses.c.times + 1}
        connection.execute(new.on_conflict_do_update(index_elements=[faq_misses.c.word], set_=twice))


async def most_missed(database: Database, limit: int) -> list[tuple[str, int]]:
    """The words that were typed most often, with how often. Raises ``Unavailable``."""
    statement = (
        select(faq_misses.c.word, faq_misses.c.times)
        .where(faq_misses.c.times >= SHOWN_FROM)
        .order_by(faq_misses.c.times.desc(), faq_misses.c.word)
        .limit(limit)
    )
    rows = await database.read(lambda connection: connection.execute(statement).all())
    return [(row.word, row.times) for row in rows]
