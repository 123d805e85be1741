"""Bars as SVG, drawn on the server: no script, no style of its own, coloured by the desk's style sheet."""

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from xml.etree.ElementTree import Element, tostring

from markupsafe import Markup
from pygal import Config, HorizontalStackedBar, PluginImportFixer, StackedBar

# The library would look for plugins of its own at every import, in a way that Python has given up.
sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, PluginImportFixer)]

_WIDTH, _HEIGHT, _ROW = 520, 240, 26
#: Labels that fit under a chart.
_LABELS: Final = 8
_TICKS: Final = 4
#: What is left of an element: its place, and which colour it has.
_KEPT: Final = {
    "rect": ("x", "y", "width", "height"),
    "path": ("d",),
    "text": ("x", "y"),
    "g": ("transform",),
}


@dataclass(frozen=True)
class Bars:
    """Bars of stacked parts: a row of ``values`` for each of ``labels``, a value in it for each of ``series``."""

    labels: Sequence[str]
    series: Sequence[str]
    values: Sequence[Sequence[int]]
    #: How a value is written.
    shown: Callable[[int], str] = str
    lying: bool = False


def drawn(bars: Bars, title: str) -> Markup:
    """The picture; everything in it stands in the table beside it, so that it is an image to who cannot see it."""
    ticks = tuple((tick, bars.shown(tick)) for tick in _ticks(bars))
    # A lying chart begins at the bottom.
    rows = tuple((label, tuple(row)) for label, row in zip(bars.labels, bars.values, strict=True))
    return _drawn(rows[:: -1 if bars.lying else 1], tuple(bars.series), ticks, title, lying=bars.lying)


@lru_cache(maxsize=256)  # some kilobytes each; drawing takes longer than reading what is drawn
def _drawn(
    rows: tuple[tuple[str, tuple[int, ...]], ...],
    series: tuple[str, ...],
    ticks: tuple[tuple[int, str], ...],
    title: str,
    *,
    lying: bool,
) -> Markup:
    kind = HorizontalStackedBar if lying else StackedBar
    height = 60 + _ROW * len(rows) if lying else _HEIGHT
    chart = kind(
        Config(js=[], css=[], width=_WIDTH, height=height, margin=8, show_legend=False, spacing=4, truncate_label=-1)
    )
    chart.add_xml_filter(lambda root: _tidied(root, title))
    chart.x_labels = [label for label, _ in rows]
    if not lying:
        every = -(-len(rows) // _LABELS)
        chart.x_labels_major_every, chart.show_minor_x_labels = every, every == 1
    chart.y_labels = [{"value": tick, "label": label} for tick, label in ticks]
    for number, name in enumerate(series):
        chart.add(name, [values[number] for _, values in rows])
    return Markup(tostring(chart.render_tree(), encoding="unicode"))  # noqa: S704 - ours; texts are escaped by it


def _ticks(bars: Bars) -> list[int]:
    """Round numbers from 0 to the longest bar's end, or a little beyond."""
    most = max((sum(row) for row in bars.values), default=0)
    step = next(
        (factor * 10**power for power in range(20) for factor in (1, 2, 5) if factor * 10**power * _TICKS >= most), 1
    )
    return list(range(0, max(most, 1) + step, step))


def _tidied(root: Element, title: str) -> Element:
    """Without style, script, tooltips and names; with half of the bytes, and what it is."""
    view = {"viewBox": root.get("viewBox", ""), "role": "img", "aria-label": title, "class": "chart"}
    _tidy(root)
    root.attrib.clear()
    root.attrib.update({"xmlns": "http://www.w3.org/2000/svg"} | view)
    return root


def _tidy(parent: Element) -> None:
    for child in list(parent):
        if _is_left_out(child):
            parent.remove(child)
            continue
        _tidy(child)
        kept = _KEPT.get(str(child.tag), ())
        named = child.get("class", "").split()
        axis = [name for name in named if name in ("x", "y") and "axis" in named]
        colours = " ".join(axis + [name for name in named if name.startswith("color-")])
        attributes = {name: _short(child.get(name, "")) for name in kept if child.get(name)}
        is_line = child.tag == "path"
        child.attrib.clear()
        child.attrib.update(attributes | ({"class": colours} if colours else {}))
        child.tail = None
        if is_line:
            child.set("class", "guide")
        if child.tag == "g" and not child.attrib:
            _unwrap(parent, child)


def _is_left_out(element: Any) -> bool:
    if not isinstance(element.tag, str) or element.tag in ("defs", "desc", "title"):
        return True
    named = set(element.get("class", "").split())
    if named & {"background", "text-overlay", "tooltip-overlay", "titles", "legends", "overlay"}:
        return True
    return element.tag == "rect" and "0" in (_short(element.get("width", "")), _short(element.get("height", "")))


def _unwrap(parent: Element, child: Element) -> None:
    at = list(parent).index(child)
    parent.remove(child)
    for number, inner in enumerate(list(child)):
        parent.insert(at + number, inner)


def _short(value: str) -> str:
    """Numbers to a tenth."""
    return re.sub(r"-?\d+\.\d+", lambda found: f"{float(found.group()):.1f}".removesuffix(".0"), value)
