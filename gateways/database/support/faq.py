"""The FAQ in the database: full-text search, and how often each answer was shown and ended a question.

SQLite searches its FTS5 index, PostgreSQL the table itself: an FAQ is read in no time.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Boolean, Connection, bindparam, delete, func, insert, select, text

from gateways.database.engine import Database, rows_of
from gateways.database.statements import insert_for, insert_if_new
from gateways.database.tables.support import faq, faq_endings, faq_shown
from gateways.language import texts
from lifecycle.support.faq import FaqAnswer, spelled_as_known, words_of

_COLUMNS = [faq.c[name] for name in FaqAnswer.model_fields]
_ALL = select(*_COLUMNS).order_by(faq.c.position)
#: Title and keywords say what an answer is about, its text only mentions other things.
_BY_SQLITE = text(
    "SELECT faq_id FROM faq_words WHERE faq_words MATCH :words"
    " ORDER BY bm25(faq_words, 0, 6.0, 4.0, 1.0), faq_id LIMIT :most"
)
#: A word that few answers hold says more than one that many do, as in SQLite's bm25.
_BY_POSTGRESQL = text("""
    WITH config AS (
        SELECT CAST(:language AS regconfig) AS language
    ), answers AS (
        SELECT faq_id, setweight(to_tsvector(language, title), 'A')
            || setweight(to_tsvector(language, keywords), 'B')
            || setweight(to_tsvector(language, CASE WHEN :mentioned THEN text ELSE '' END), 'D') AS said
        FROM faq CROSS JOIN config
    ), words AS (
        SELECT to_tsquery(language, word) AS asked
        FROM config CROSS JOIN unnest(string_to_array(:words, ' ')) AS word
    ), weighed AS (
        SELECT asked, ln(1 + (SELECT count(*) FROM faq)::float / count(*)) AS weight
        FROM words JOIN answers ON said @@ asked GROUP BY asked
    )
    SELECT faq_id FROM answers JOIN weighed ON said @@ asked GROUP BY faq_id
    ORDER BY sum(weight * ts_rank('{0.1, 0.1, 0.6, 1.0}', said, asked)) DESC, faq_id LIMIT :most
""").bindparams(bindparam("mentioned", type_=Boolean))


def replace_all(connection: Connection, answers: Sequence[FaqAnswer]) -> None:
    """These are the answers now, in this order."""
    connection.execute(delete(faq))
    rows = [{"position": number, **answer.model_dump()} for number, answer in enumerate(answers)]
    if rows:
        connection.execute(insert(faq), rows)
    if connection.dialect.name == "sqlite":
        connection.execute(text("DELETE FROM faq_words"))
        connection.execute(
            text("INSERT INTO faq_words (faq_id, title, keywords, text) SELECT faq_id, title, keywords, text FROM faq")
        )


async def all_answers(database: Database) -> list[FaqAnswer]:
    """All of them, in their order."""
    return [FaqAnswer.model_validate(row) for row in await rows_of(database, _ALL)]


async def search(database: Database, question: str, limit: int = 3, *, mentioned: bool = False) -> list[FaqAnswer]:
    """The answers that fit a question best, the best first; none for one without words.

    With ``mentioned`` also those whose text alone holds a word of it.
    """
    empty = _empty_words()
    asked = words_of(question, empty)
    if not asked:
        return []

    def find(connection: Connection) -> list[FaqAnswer]:
        answers = {row["faq_id"]: FaqAnswer.model_validate(row) for row in connection.execute(_ALL).mappings()}
        known = {word for answer in answers.values() for word in words_of(f"{answer.title} {answer.keywords}", empty)}
        found = _find(connection, spelled_as_known(asked, known), limit, mentioned=mentioned)
        return [answers[faq_id] for faq_id in found if faq_id in answers]

    return await database.read(find)


@cache
def _empty_words() -> frozenset[str]:
    return frozenset(texts("language")["faq"]["empty"].split())


def _find(connection: Connection, words: Sequence[str], limit: int, *, mentioned: bool) -> list[str]:
    if connection.dialect.name == "sqlite":
        # In quotes a word is never an operator; words hold no quote.
        either = " OR ".join(f'"{word}"' for word in words)
        query = either if mentioned else f"{{title keywords}} : ({either})"
        return list(connection.execute(_BY_SQLITE, {"words": query, "most": limit}).scalars())
    language = texts("language")["faq"]["search"]
    values = {"words": " ".join(words), "mentioned": mentioned, "most": limit, "language": language}
    return list(connection.execute(_BY_POSTGRESQL, values).scalars())


# What the answers were good for


async def count_shown(database: Database, faq_ids: Sequence[str]) -> None:
    """They were shown to somebody who has a question."""

    def work(connection: Connection) -> None:
        for faq_id in sorted(faq_ids):
            statement = insert_for(faq_shown, connection.dialect.name).values(faq_id=faq_id, times=1)
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=[faq_shown.c.faq_id], set_={"times": faq_shown.c.times + 1}
                )
            )

    if faq_ids:
        await database.write(work)


async def count_ended(database: Database, question_id: str, faq_id: str, at: datetime) -> None:
    """Somebody says that it answered their question; the same question counts once."""
    row = {"question_id": question_id, "faq_id": faq_id, "at": at}

    def work(connection: Connection) -> None:
        connection.execute(insert_if_new(faq_endings, connection.dialect.name), row)

    await database.write(work)


async def counts(database: Database) -> list[dict[str, Any]]:
    """``[{faq_id, title, shown, ended}]`` of every answer, in their order."""
    ended = select(faq_endings.c.faq_id, func.count().label("ended")).group_by(faq_endings.c.faq_id).subquery("endings")
    statement = (
        select(
            faq.c.faq_id,
            faq.c.title,
            func.coalesce(faq_shown.c.times, 0).label("shown"),
            func.coalesce(ended.c.ended, 0).label("ended"),
        )
        .outerjoin(faq_shown, faq_shown.c.faq_id == faq.c.faq_id)
        .outerjoin(ended, ended.c.faq_id == faq.c.faq_id)
        .order_by(faq.c.position)
    )
    return await rows_of(database, statement)
