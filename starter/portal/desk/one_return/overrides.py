"""Which facts of a return staff may change by hand, each with what it may become."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from lifecycle.contract.grades import Disposition, Grade
from lifecycle.contract.view import Acceptance, Reception, View
from starter.portal.shared.texts import t

_DAYS: Final = ("ship_by", "target", "limit")
_UNIT: Final[dict[str, type[StrEnum]]] = {
    "reception": Reception,
    "acceptance": Acceptance,
    "grade": Grade,
    "disposition": Disposition,
}


@dataclass(frozen=True)
class Fact:
    """``name`` as ``override`` takes it, with its unit before it; ``values`` are those it may have, with words."""

    name: str
    shown: str
    values: Sequence[tuple[str, str]] = ()


def facts_of(view: View) -> dict[str, list[Fact]]:
    """By the kind of their value: ``money``, ``day``, and one kind for each fact of units."""
    found = {
        "money": [Fact("amount", t("desk.fact.amount"))],
        "day": [Fact(name, t(f"desk.fact.{name}")) for name in _DAYS],
    }
    units = [unit for unit in view.units if unit.refund is None or not view.settlement.paid]
    for name, kind in _UNIT.items():
        values = [(value.value, _said(name, value.value)) for value in kind]
        if units:
            found[name] = [Fact(f"{one.unit_id}.{name}", f"{one.unit_id} {one.sku}", values) for one in units]
    return found


def _said(name: str, value: str) -> str:
    if name == "grade":
        return f"{value}: {t(f'warehouse.grade.means.{value}')}"
    return t(f"warehouse.disposition.{value}" if name == "disposition" else f"desk.{name}.{value}")
