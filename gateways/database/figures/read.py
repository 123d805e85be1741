"""Reads the figures of a period: each a range of an index that holds all that is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import CTE, ColumnElement, Connection, Integer, and_, case, column, func, select, values

from gateways.database.columns import Instant
from gateways.database.engine import Database
from gateways.database.tables.figures import facts
from gateways.database.tables.search import listings
from lifecycle.contract.request import Method
from lifecycle.figures import tables
from lifecycle.figures.facts import FactName
from lifecycle.figures.period import Period

#: What a return is counted as while it goes on.
OPEN: Final = "open"
_UNITS, _AMOUNT = func.sum(facts.c.quantity), func.coalesce(func.sum(facts.c.amount), 0)


@dataclass(frozen=True)
class Wanted:
    """Which figures: of a period, and of one country or method where those are set."""

    period: Period
    zone: ZoneInfo
    country: str | None = None
    method: Method | None = None


async def figures(database: Database, wanted: Wanted, most_reasons: int) -> tables.Figures:
    """All tables, as of one instant; of SKUs those that come back most, ``most_reasons`` of them.

    Raises ``Unavailable``.
    """
    return await database.read(lambda connection: _Reading(connection, wanted).all(most_reasons))


class _Reading:
    def __init__(self, connection: Connection, wanted: Wanted) -> None:
        self._connection = connection
        self._wanted = wanted
        self._days = wanted.period.parts
        self._instants = wanted.period.instants(wanted.zone)

    def all(self, most_reasons: int) -> tables.Figures:
        wanted = self._wanted
        return tables.Figures(
            first=wanted.period.first,
            last=wanted.period.last,
            timezone=str(wanted.zone),
            country=wanted.country,
            method=wanted.method,
            returns=self._returns(),
            reasons=self._reasons(most_reasons),
            money=self._money(),
            promise=self._promise(),
            grades=[tables.GradeRow(grade=a, disposition=b, units=n) for a, b, n in self._counted(FactName.GRADE)],
            labels=self._labels(),
            questions=[
                tables.QuestionRow(queue=a, answered=b, questions=n) for a, b, n in self._counted(FactName.QUESTION)
            ],
        )

    def _returns(self) -> list[tables.ReturnsRow]:
        parts, at = self._parts(), listings.c.opened_at
        status = case((listings.c.closed_at.is_(None), OPEN), else_=listings.c.status)
        keys = (parts.c.number, status, listings.c.resolution)
        within = and_(at >= parts.c.begins, at < parts.c.ends, *self._narrowed(listings))
        rows = self._rows(select(*keys, func.count()).select_from(parts).join(listings, within).group_by(*keys))
        return [
            tables.ReturnsRow(starts=self._day(number), status=status, resolution=resolution, returns=count)
            for number, status, resolution, count in sorted(rows)
        ]

    def _reasons(self, most: int) -> list[tables.ReasonRow]:
        of = (*self._of(FactName.REASON), *self._narrowed(facts))
        often = select(facts.c.what).where(*of).group_by(facts.c.what).order_by(_UNITS.desc(), facts.c.what)
        skus = [sku for (sku,) in self._rows(often.limit(most))]
        keys = (facts.c.what, facts.c.how)
        rows = self._rows(select(*keys, _UNITS).where(*of, facts.c.what.in_(skus)).group_by(*keys)) if skus else []
        inorder = sorted(rows, key=lambda row: (skus.index(row[0]), -row[2], row[1]))
        return [tables.ReasonRow(sku=sku, reason=reason, units=int(units)) for sku, reason, units in inorder]

    def _money(self) -> list[tables.MoneyRow]:
        parts, at = self._parts(), facts.c.at
        keys = (parts.c.number, facts.c.what, facts.c.currency)
        within = and_(
            facts.c.name == FactName.MONEY.value, at >= parts.c.begins, at < parts.c.ends, *self._narrowed(facts)
        )
        statement = select(*keys, _UNITS, _AMOUNT).select_from(parts).join(facts, within).group_by(*keys)
        return [
            tables.MoneyRow(starts=self._day(number), kind=kind, currency=of, times=int(times), amount=int(amount))
            for number, kind, of, times, amount in sorted(self._rows(statement))
        ]

    def _promise(self) -> list[tables.DaysRow]:
        rows = [(int(days) if days else None, how, count) for days, how, count in self._counted(FactName.SETTLED)]
        inorder = sorted(rows, key=lambda row: (row[0] is None, row[0] or 0, row[1]))
        return [tables.DaysRow(days=days, promise=how, returns=count) for days, how, count in inorder]

    def _labels(self) -> list[tables.LabelRow]:
        keys = (facts.c.what, facts.c.how, facts.c.currency)
        of = (*self._of(FactName.LABEL), *self._narrowed(facts))
        rows = self._rows(select(*keys, _UNITS, func.count(facts.c.amount), _AMOUNT).where(*of).group_by(*keys))
        return [
            tables.LabelRow(kind=a, state=b, currency=c, labels=int(count), priced=priced, cost=int(cost))
            for a, b, c, count, priced, cost in sorted(rows)
        ]

    def _counted(self, name: FactName) -> list[tuple[str, str, int]]:
        """Each combination of what and how, and how often."""
        keys, of = (facts.c.what, facts.c.how), (*self._of(name), *self._narrowed(facts))
        rows = self._rows(select(*keys, _UNITS).where(*of).group_by(*keys))
        return sorted((what, how, int(count)) for what, how, count in rows)

    def _of(self, name: FactName) -> Sequence[ColumnElement[bool]]:
        return facts.c.name == name.value, facts.c.at >= self._instants[0], facts.c.at < self._instants[-1]

    def _narrowed(self, table: Any) -> list[ColumnElement[bool]]:
        asked = {"country": self._wanted.country, "method": self._wanted.method}
        return [table.c[name] == value for name, value in asked.items() if value]

    def _parts(self) -> CTE:
        """The parts of the period, one row each: databases cannot know the shop's days, whose lengths differ."""
        bounds = zip(self._instants, self._instants[1:], strict=False)
        columns = (column("number", Integer), column("begins", Instant), column("ends", Instant))
        return values(*columns, name="parts").data([(n, *ends) for n, ends in enumerate(bounds)]).cte("parts")

    def _day(self, number: int) -> date:
        return self._days[number]

    def _rows(self, statement: Any) -> list[Any]:
        return [tuple(row) for row in self._connection.execute(statement)]
