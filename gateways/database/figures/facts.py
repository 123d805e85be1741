"""Keeps what figures are made of, in the transactions of what is counted."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from functools import cache
from typing import Any

from sqlalchemy import Connection, Insert, bindparam, delete, select, update

from gateways.database.statements import insert_all_new, insert_for
from gateways.database.tables.figures import facts
from gateways.database.tables.search import listings
from lifecycle.figures.facts import Fact, FactName

_WHERE = select(listings.c.country, listings.c.method).where(listings.c.return_id == bindparam("of"))
_OF = (facts.c.of == bindparam("of_"), facts.c.name == bindparam("name_"))
_DROP = delete(facts).where(*_OF, facts.c.part.in_(bindparam("parts", expanding=True)))
_MARK = update(facts).where(*_OF, facts.c.part == bindparam("part_")).values(how=bindparam("new_how"))
_NOWHERE = ("", "")


def of_return(connection: Connection, return_id: str, found: Iterable[Fact], *, again: bool = False) -> None:
    """Count these of a return, by its country and method; one that is known stays, or ``again`` is replaced."""
    rows = list(found)
    if rows:
        place = connection.execute(_WHERE, {"of": return_id}).first() or _NOWHERE
        _keep(connection, return_id, rows, tuple(place), again=again)


def of_case(connection: Connection, case_id: str, found: Fact) -> None:
    """Count this of a question."""
    _keep(connection, case_id, [found], _NOWHERE, again=True)


def drop(connection: Connection, return_id: str, name: FactName, parts: Sequence[str]) -> None:
    """These did not happen after all."""
    if parts:
        connection.execute(_DROP, {"of_": return_id, "name_": name.value, "parts": parts})


def mark(connection: Connection, return_id: str, name: FactName, part: str, how: str) -> None:
    """It has become something else; nothing where it is not known."""
    connection.execute(_MARK, {"of_": return_id, "name_": name.value, "part_": part, "new_how": how})


def _keep(connection: Connection, of: str, found: Sequence[Fact], place: tuple[str, ...], *, again: bool) -> None:
    country, method = place
    rows = [row_of(of, one, country, method) for one in found]
    statement = _replace if again else _new
    connection.execute(statement(connection.dialect.name), rows)


def row_of(of: str, fact: Fact, country: str, method: str) -> dict[str, Any]:
    """The row of the table."""
    return {**asdict(fact), "name": fact.name.value, "of": of, "country": country, "method": method}


def _new(dialect: str) -> Insert:
    statement: Insert = insert_all_new(facts, dialect)
    return statement


@cache
def _replace(dialect: str) -> Insert:
    insert = insert_for(facts, dialect)
    changed = {one.name: insert.excluded[one.name] for one in facts.columns if not one.primary_key}
    return insert.on_conflict_do_update(index_elements=list(facts.primary_key), set_=changed)
