"""The figures, as a table."""

from dataclasses import dataclass
from statistics import median

from rich.console import Console
from rich.table import Table

from benchmarks.counting import Counts
from benchmarks.rounds import Measured, ratio

#: The plain return's bounds.
PLAIN = Counts(events=48, size=12 * 1024, actions=17)
_API = "CPU of all processes, other: through the client alone; 95th percentile of a view, other: its median"
_PATHS = (
    "advance: replaced before the goods come; repair: in warranty; bench: that repair's RepairWorkflow; "
    "told: plain, with a subscriber"
)


@dataclass(frozen=True)
class Line:
    """One figure, what it is compared with, and the bound it must keep."""

    what: str
    ours: float
    #: The same figure of the floor, or of the plain return.
    other: float
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


def count_lines(ours: Counts, other: Counts, at_most: Counts = PLAIN, of: str = "") -> list[Line]:
    """What does not depend on the machine: of the plain return, or ``of`` another path."""
    before = f"{of}: " if of else ""
    return [
        _count(f"{before}history events", ours.events, other.events, at_most.events),
        _count(f"{before}history bytes", ours.size, other.size, at_most.size),
        _count(f"{before}billed actions", ours.actions, other.actions, at_most.actions),
    ]


def _count(what: str, ours: int, other: int, at_most: int) -> Line:
    return Line(what, ours, other, ours / other, at_most=at_most, bound_on_ratio=False)


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


def show(lines: list[Line], paths: list[Line], api: list[Line], checked: int) -> None:
    """Print the plain return's table, that of other paths and the API's, and how many returns were checked."""
    console = Console()
    console.print(_table("The plain return against the floor", ("return", "floor"), lines))
    console.print(_table("Other paths against the plain return", ("path", "plain"), paths, _PATHS))
    console.print(_table("The HTTP API", ("API", "other"), api, _API))
    console.print(f"{checked} returns checked: final state, ledger, stock and mails are right.")


def _table(title: str, sides: tuple[str, str], lines: list[Line], caption: str | None = None) -> Table:
    table = Table(title=title, caption=caption)
    for heading in ("", *sides, "ratio", "bound", ""):
        table.add_column(heading, justify="right" if heading else "left")
    for line in lines:
        verdict = "" if not line.bound else "kept" if line.kept else "broken"
        figures = (_figure(line.ours), _figure(line.other), f"{line.ratio:.2f}")
        table.add_row(line.what, *figures, line.bound, verdict)
    return table


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"
