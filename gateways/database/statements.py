"""Statements that both databases understand, but SQLAlchemy spells for each of them.

Statements used for every return are built once: building one costs more than running it.
"""

from functools import cache
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert


@cache
def insert_for(table: Table, dialect: str) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that knows ON CONFLICT, by the dialect's name."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


@cache
def insert_if_new(table: Table, dialect: str) -> ReturningInsert[Any]:
    """An INSERT that does nothing where a row with the same key is; gives the key of a new row back."""
    return insert_for(table, dialect).on_conflict_do_nothing().returning(*table.primary_key)


@cache
def insert_all_new(table: Table, dialect: str) -> Any:
    """The same for many rows at once; gives nothing back."""
    return insert_for(table, dialect).on_conflict_do_nothing()
