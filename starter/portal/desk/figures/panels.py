"""The figures as the desk shows them: a chart, and the same numbers as a table."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from markupsafe import Markup

from gateways.database.figures.read import OPEN
from lifecycle.figures.facts import MoneyKind
from lifecycle.figures.period import Period
from lifecycle.figures.tables import LIMIT_DAYS, TARGET_DAYS, Figures
from starter.portal.desk.figures.charts import Bars, drawn
from starter.portal.shared.formats import Days, money
from starter.portal.shared.texts import t

#: Currencies that are drawn, those of most payments; the file has all.
_CURRENCIES: Final = 3
#: Business days that have a bar of their own.
_DAYS: Final = 14


@dataclass(frozen=True)
class Panel:
    """One chart with its table; ``file`` is the table that is downloaded."""

    name: str
    title: str
    file: str
    bars: Bars
    chart: Markup
    rows: str = "label"

    @property
    def totals(self) -> list[str]:
        """Of each part, over all bars."""
        return [self.bars.shown(sum(row[at] for row in self.bars.values)) for at in range(len(self.bars.series))]


@dataclass(frozen=True)
class Tile:
    """One number that sums up the period."""

    name: str
    value: str
    note: str = ""


def panels(found: Figures, days: Days) -> list[Panel]:
    """Those that have anything to show."""
    return [*_of_returns(found, days), *_of_money(found, days), *_of_the_rest(found)]


def _of_returns(found: Figures, days: Days) -> Iterable[Panel]:
    returns = [(_day(found, days, row.starts), row) for row in found.returns]
    parts = _parts(found, days)
    by_status = [(day, _status(row.status), row.returns) for day, row in returns]
    wanted = [(day, t(f"warehouse.resolution.{row.resolution}"), row.returns) for day, row in returns]
    yield from _panel("status", "returns", by_status, labels=parts)
    yield from _panel("resolution", "returns", wanted, labels=parts)
    reasons = [(row.sku, t(f"warehouse.reason.{row.reason}"), row.units) for row in found.reasons]
    yield from _panel("reasons", "reasons", reasons, lying=True)


def _of_money(found: Figures, days: Days) -> Iterable[Panel]:
    kinds = (MoneyKind.REFUND, MoneyKind.STORE_CREDIT, MoneyKind.EXCHANGE)
    rows = [row for row in found.money if row.kind in kinds]
    often = {row.currency: sum(one.times for one in rows if one.currency == row.currency) for row in rows}
    for currency in sorted(often, key=lambda one: (-often[one], one))[:_CURRENCIES]:
        cells = [
            (_day(found, days, row.starts), t(f"desk.figures.money.{row.kind}"), row.amount)
            for row in rows
            if row.currency == currency
        ]
        yield from _panel("money", "money", cells, shown=_in(currency), of=currency, labels=_parts(found, days))


def _of_the_rest(found: Figures) -> Iterable[Panel]:
    took = [(min(row.days, _DAYS + 1), row) for row in found.promise if row.days is not None]
    last = max((day for day, _ in took), default=0)
    # All days up to the last: one on which nothing was settled is a gap.
    counted = [
        (_took(day), t(f"desk.figures.promise.{row.promise}"), row.returns if of == day else 0)
        for day in range(last + 1)
        for of, row in took
    ]
    yield from _panel("promise", "promise", counted)
    grades = [(row.grade, _went(row.disposition), row.units) for row in found.grades]
    yield from _panel("grades", "grades", grades, lying=True)
    for currency in sorted({row.currency for row in found.labels if row.currency}):
        costs = [
            (t(f"desk.figures.parcel.{row.kind}"), t(f"desk.figures.label.{row.state}"), row.cost)
            for row in found.labels
            if row.currency == currency
        ]
        yield from _panel("labels", "labels", costs, shown=_in(currency), of=currency, lying=True)
    questions = [
        (t(f"desk.figures.queue.{row.queue}"), t(f"desk.figures.question.{row.answered}"), row.questions)
        for row in found.questions
    ]
    yield from _panel("questions", "questions", questions, lying=True)


def _parts(found: Figures, days: Days) -> list[str]:
    """What stands under each part of the period, also where nothing was counted."""
    return [_day(found, days, day) for day in Period(found.first, found.last).parts]


def _day(found: Figures, days: Days, day: date) -> str:
    return days.short(day) if (found.last - found.first).days < 365 else days.on(day)


def _status(status: str) -> str:
    return t("desk.figures.open") if status == OPEN else t(f"warehouse.status.{status}")


def _took(days: int) -> str:
    return str(days) if days <= _DAYS else t("desk.figures.more_days", days=_DAYS)


def _went(disposition: str) -> str:
    return t(f"warehouse.disposition.{disposition}") if disposition else t("desk.figures.nowhere")


def _in(currency: str) -> Callable[[int], str]:
    return lambda amount: money(amount, currency)


def _panel(
    name: str,
    file: str,
    cells: Sequence[tuple[str, str, int]],
    *,
    shown: Callable[[int], str] = str,
    of: str = "",
    lying: bool = False,
    labels: Sequence[str] = (),
) -> Iterable[Panel]:
    """One of the (bar, part of it, how much) that there are; in the order in which they come, or in that of labels."""
    if not cells:
        return
    labels = labels or list(dict.fromkeys(cell[0] for cell in cells))
    series = list({cell[1]: None for cell in cells})
    much = {name: sum(cell[2] for cell in cells if cell[1] == name) for name in series}
    series.sort(key=lambda one: (-much[one], one))
    values = {label: dict.fromkeys(series, 0) for label in labels}
    for label, part, count in cells:
        values[label][part] += count
    bars = Bars(labels, series, [list(row.values()) for row in values.values()], shown, lying)
    title = t(f"desk.figures.title.{name}") + (f", {of}" if of else "")
    yield Panel(f"{name}-{of}" if of else name, title, file, bars, drawn(bars, title), t(f"desk.figures.row.{name}"))


def tiles(found: Figures) -> list[Tile]:
    """What the period comes to; money of each currency by itself."""
    made = [Tile("returns", str(sum(row.returns for row in found.returns)))]
    for kinds, name in (((MoneyKind.REFUND,), "refunded"), ((MoneyKind.STORE_CREDIT, MoneyKind.EXCHANGE), "kept")):
        sums = _sums((row.currency, row.amount) for row in found.money if row.kind in kinds)
        made += [Tile(name, money(amount, currency)) for currency, amount in sums]
    for days in (TARGET_DAYS, LIMIT_DAYS):
        within, known = found.settled_within(days)
        if known:
            note = t("desk.figures.tile.of", count=within, all=known)
            made.append(Tile(f"within_{days}", f"{within / known:.0%}", note))
    bought = [row for row in found.labels if row.state == "bought"]
    for currency, cost in _sums((row.currency, row.cost) for row in bought if row.currency):
        priced, labels = (sum(getattr(row, name) for row in bought) for name in ("priced", "labels"))
        made.append(Tile("labels", money(cost, currency), t("desk.figures.tile.priced", count=priced, all=labels)))
    asked = sum(row.questions for row in found.questions)
    if asked:
        in_time = sum(row.questions for row in found.questions if row.answered == "in_time")
        made.append(Tile("questions", f"{in_time / asked:.0%}", t("desk.figures.tile.of", count=in_time, all=asked)))
    return made


def _sums(amounts: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    found: dict[str, int] = {}
    for currency, amount in amounts:
        found[currency] = found.get(currency, 0) + amount
    return sorted(found.items())
