"""The figures, as tables."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import median

from rich.console import Console
from rich.table import Table

from benchmarks.counting import Counts
from benchmarks.rounds import Measured, ratio, ratios, spread

#: The plain return's bounds; above ``LIMIT`` the benchmark fails.
PLAIN = Counts(events=42, size=10 * 1024, actions=16)
LIMIT = Counts(events=48, size=12 * 1024, actions=17)
WIDTH = 140
_FLOOR = "CPU per lifecycle in ms; floor: a bare workflow of the same steps and events; sandboxed: in the SDK's sandbox"
_API = "CPU of all processes, other: through the client alone; 95th percentile of a view, other: its median"
_PATHS = (
    "advance: replaced before the goods come; repair: in warranty; bench: that repair's RepairWorkflow; "
    "told: plain, with a subscriber"
)


@dataclass(frozen=True)
class Line:
    """One figure, what it is compared with, and its bound."""

    what: str
    ours: float
    #: The same figure of the floor, or of the plain return.
    other: float | None = None
    ratio: float | None = None
    at_most: float | None = None
    at_least: float | None = None
    #: The bound is on the ratio, not on our own figure.
    bound_on_ratio: bool = True
    #: What the ratio may be, going by how much the rounds differ; None for what is counted.
    between: tuple[float, float] | None = None
    #: The same figure of the floor in the SDK's sandbox.
    sandboxed: float | None = None

    @property
    def kept(self) -> bool:
        """Whether the bound is kept; true without one."""
        return self._keeps(self.ours if self.ratio is None or not self.bound_on_ratio else self.ratio)

    def _keeps(self, figure: float) -> bool:
        return (self.at_most is None or figure <= self.at_most) and (self.at_least is None or figure >= self.at_least)

    @property
    def verdict(self) -> str:
        """Whether the bound is reached, unless it lies within the rounds' spread."""
        if not self.bound:
            return ""
        if self.between and len({self._keeps(end) for end in self.between}) > 1:
            return "too noisy to say"
        return "reached" if self.kept else "not reached"

    @property
    def spread(self) -> str:
        """What the ratio may be, in words."""
        return "{:.2f} to {:.2f}".format(*self.between) if self.between else ""

    @property
    def bound(self) -> str:
        """The bound in words."""
        of = "x" if self.bound_on_ratio else ""
        if self.at_most is not None:
            return f"<= {self.at_most:,g}{of}"
        return "" if self.at_least is None else f">= {self.at_least:,g}{of}"


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


def time_lines(ours: Measured, floor: Measured, sandboxed: Measured) -> list[Line]:
    """What is compared with the floor, as medians over rounds; CPU first, which other load disturbs least."""

    def line(
        what: str,
        figures: Callable[[Measured], list[float]],
        at_most: float | None = None,
        at_least: float | None = None,
    ) -> Line:
        found = compare(what, figures(ours), figures(floor), at_most, at_least)
        return replace(found, sandboxed=median(figures(sandboxed)) * _scale(what))

    return [
        line("CPU of all processes, ms", lambda side: side.all_processes, at_most=1.25),
        line("CPU of the worker, ms", lambda side: side.worker, at_most=1.4),
        line("CPU of the server, ms", lambda side: side.server, at_most=1.05),
        line("lifecycles per second", lambda side: side.per_second, at_least=0.88),
        line("start to decision alone, ms", lambda side: side.decision),
        line("update of an event alone, ms", lambda side: side.update, at_most=1.3),
        line("replay of one history, ms", lambda side: side.replay, at_most=1.3),
    ]


def compare(
    what: str,
    ours: list[float],
    other: list[float],
    at_most: float | None = None,
    at_least: float | None = None,
) -> Line:
    """Rounds of both sides; the bound is on the median of their ratios. Seconds, shown in ms where ``what`` says so."""
    scale, each = _scale(what), ratios(ours, other)
    medians = median(ours) * scale, median(other) * scale, ratio(ours, other)
    return Line(what, *medians, at_most, at_least, between=spread(each))


def _scale(what: str) -> int:
    return 1000 if what.endswith("ms") else 1


def show(lines: list[Line], paths: list[Line], api: list[Line], checked: int) -> None:
    """Print the plain return's table, that of other paths and the API's, and how many returns were checked."""
    # Somewhere else than in a terminal its width is not known.
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    console.print(table("The plain return against the floor", ("return", "floor", "sandboxed"), lines, _FLOOR))
    console.print(table("Other paths against the plain return", ("path", "plain"), paths, _PATHS))
    console.print(table("The HTTP API", ("API", "other"), api, _API))
    console.print(f"{checked} returns checked: final state, ledger, stock and mails are right.")
    unsure = [line for line in (*lines, *paths, *api) if line.verdict == "too noisy to say"]
    if unsure:
        console.print(f"Warning: {len(unsure)} bounds lie within the spread of the rounds: the machine is too noisy.")


def table(title: str, sides: tuple[str, ...], lines: list[Line], caption: str) -> Table:
    """A third side's figures stand at the end: they are there to be read beside the others."""
    grid = Table(title=title, caption=caption)
    for heading in ("", *sides[:2], "ratio", "spread", "bound", "", *sides[2:]):
        grid.add_column(heading, justify="right" if heading else "left")
    for line in lines:
        ratio = "" if line.ratio is None else f"{line.ratio:.2f}"
        figures = _figure(line.ours), _figure(line.other), ratio, line.spread, line.bound, line.verdict
        grid.add_row(line.what, *figures, *([_figure(line.sandboxed)] if sides[2:] else []))
    return grid


def _figure(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"
