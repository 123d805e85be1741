"""The figures, as a table."""

from dataclasses import dataclass
from statistics import median

from rich.console import Console
from rich.table import Table

from bench.counting import Counts
from bench.rounds import Measured, ratio


@dataclass(frozen=True)
class Line:
    """One figure of both sides and the bound it must keep."""

    what: str
    ours: float
    floor: float
    ratio: float
    at_most: float | None = None
    at_least: float | None = None
    #: The bound is on the ratio, not on our own figure.
    bound_on_ratio: bool = True

    @property
    def kept(self) -> bool:
        """Whether the bound is kept; true without one."""
        figure = self.ratio if self.bound_on_ratio else self.ours
        return (self.at_most is None or figure <= self.at_most) and (self.at_least is None or figure >= self.at_least)

    @property
    def bound(self) -> str:
        """The bound in words."""
        of = "x" if self.bound_on_ratio else ""
        if self.at_most is not None:
            return f"<= {self.at_most:g}{of}"
        return "" if self.at_least is None else f">= {self.at_least:g}{of}"


def count_lines(ours: Counts, floor: Counts) -> list[Line]:
    """What does not depend on the machine."""
    return [
        _count("history events", ours.events, floor.events, 48),
        _count("history bytes", ours.size, floor.size, 12 * 1024),
        _count("billed actions", ours.actions, floor.actions, 17),
    ]


def _count(what: str, ours: int, floor: int, at_most: int) -> Line:
    return Line(what, ours, floor, ours / floor, at_most=at_most, bound_on_ratio=False)


def time_lines(ours: Measured, floor: Measured) -> list[Line]:
    """What is compared with the floor, as medians over rounds."""
    return [
        _time("lifecycles per second", ours.per_second, floor.per_second, at_least=0.85),
        _time("worker CPU per lifecycle, ms", ours.worker_cpu, floor.worker_cpu, at_most=1.3),
        _time("start to decision alone, ms", ours.decision, floor.decision),
        _time("update of an event alone, ms", ours.update, floor.update, at_most=1.3),
        _time("replay of one history, ms", ours.replay, floor.replay, at_most=1.3),
    ]


def _time(
    what: str,
    ours: list[float],
    floor: list[float],
    at_most: float | None = None,
    at_least: float | None = None,
) -> Line:
    scale = 1000 if what.endswith("ms") else 1
    return Line(what, median(ours) * scale, median(floor) * scale, ratio(ours, floor), at_most, at_least)


def show(lines: list[Line], checked: int) -> None:
    """Print the table, and how many returns were checked."""
    table = Table(title="The plain return against the floor")
    for heading in ("", "return", "floor", "ratio", "bound", ""):
        table.add_column(heading, justify="left" if not heading else "right")
    for line in lines:
        verdict = "" if not line.bound else "kept" if line.kept else "broken"
        figures = (_figure(line.ours), _figure(line.floor), f"{line.ratio:.2f}")
        table.add_row(line.what, *figures, line.bound, verdict)
    console = Console()
    console.print(table)
    console.print(f"{checked} returns checked: final state, ledger, stock and mails are right.")


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"
