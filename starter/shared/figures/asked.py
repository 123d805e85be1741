"""Figures of a period as somebody asks for them: by a preset or by days, of a country, of a method."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from gateways.database.figures.read import Wanted
from lifecycle.contract.errors import InvalidRequest
from lifecycle.contract.request import Method
from lifecycle.figures.period import Period, Preset, preset
from lifecycle.figures.tables import TABLES, Row

#: SKUs that are shown; a file has more.
SHOWN_SKUS: Final = 10
FILE_SKUS: Final = 5000


def wanted(given: Mapping[str, str | None], zone: ZoneInfo, now: datetime) -> Wanted:
    """What is asked for in ``period`` or ``from`` and ``to``, ``country`` and ``method``: without any, this month.

    Raises ``InvalidRequest``, naming what is wrong.
    """
    today = now.astimezone(zone).date()
    named = _named(given, today)
    first = _day(given, "from") or (named.first if named else today.replace(day=1))
    last = _day(given, "to") or (named.last if named else max(today, first))
    try:
        period = Period(first, last)
    except ValueError as error:
        raise InvalidRequest([("to", str(error))]) from None
    return Wanted(period, zone, _country(given), _method(given))


def _named(given: Mapping[str, str | None], today: date) -> Period | None:
    name = given.get("period")
    if not name:
        return None
    if name not in set(Preset):
        raise InvalidRequest([("period", f"expected one of {', '.join(Preset)}")])
    return preset(Preset(name), today)


def _day(given: Mapping[str, str | None], name: str) -> date | None:
    typed = given.get(name)
    try:
        found = date.fromisoformat(typed) if typed else None
    except ValueError:
        raise InvalidRequest([(name, "expected a date, such as 2026-11-28")]) from None
    # Instants around the ends of what Python can count are no days of any shop.
    if found and not 1970 <= found.year < 9000:
        raise InvalidRequest([(name, "expected a date from 1970 on")])
    return found


def _country(given: Mapping[str, str | None]) -> str | None:
    typed = given.get("country")
    if typed and not (len(typed) == 2 and typed.isascii() and typed.isalpha()):
        raise InvalidRequest([("country", "expected two letters, such as US")])
    return typed.upper() if typed else None


def _method(given: Mapping[str, str | None]) -> Method | None:
    typed = given.get("method")
    if typed and typed not in set(Method):
        raise InvalidRequest([("method", f"expected one of {', '.join(Method)}")])
    return Method(typed) if typed else None


def as_csv(table: str, rows: Iterable[Row]) -> str:
    """One of ``TABLES`` for a spreadsheet; amounts are in minor units."""
    columns = list(TABLES[table].model_fields)
    return written([columns, *([cell(getattr(row, name)) for name in columns] for row in rows)])


def cell(value: object) -> str:
    """As text; what a spreadsheet would take for a formula is kept from it (OWASP, CSV injection)."""
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in "=+-@\t\r" and text else text


def written(rows: Iterable[Sequence[str]]) -> str:
    """Rows as CSV."""
    file = io.StringIO()
    csv.writer(file).writerows(rows)
    return file.getvalue()
