"""How answers look: JSON for a script, tables for an operator."""

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from functools import cache, wraps
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

import click
from pydantic import BaseModel

from lifecycle.contract.money import format_money
from lifecycle.contract.request import Item, ReturnRequest
from lifecycle.contract.statuses import Status
from lifecycle.contract.view import Summary, TimelineEntry, Unit, View
from starter.cli.shared.text_layout import laid_out
from workers.policy_file import PolicyFile
from workers.settings import SettingsError, load_settings

_KEPT: Final = {
    "mails": ("at", "template", "subject", "state"),
    "effects": ("at", "step", "state"),
    "movements": ("at", "kind", "sku", "location", "grade", "quantity", "reserved"),
    "limits": ("partner", "rps", "at", "until", "reason"),
    "waiting": ("step", "partner", "code", "attempt", "since", "next_at"),
    "failures": ("at", "step", "partner", "code", "words"),
}
Document = BaseModel | Mapping[str, Any] | Sequence[Any]
F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")


def json_option(command: F) -> F:
    """Give a command its ``--json``, as the parameter ``as_json``."""
    return click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")(command)


def answers(
    show: Callable[[T], None], document: Callable[[T], Document] | None = None
) -> Callable[[Callable[..., T]], Callable[..., None]]:
    """Have a command print what it gives: by ``show``, or with ``--json`` as one document.

    ``document`` makes the document, where what the command gives is none itself.
    """

    def decorate(command: Callable[..., T]) -> Callable[..., None]:
        @json_option
        @wraps(command)
        def answering(*, as_json: bool, **given: Any) -> None:
            found = command(**given)
            answer(document(found) if as_json and document else found, show, as_json=as_json)

        return answering

    return decorate


def answer(found: Any, show: Callable[[Any], None], *, as_json: bool) -> None:
    """Print what a command has found."""
    if as_json:
        click.echo(json.dumps(_plain(found), ensure_ascii=False, indent=2))
    else:
        show(found)


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value


def table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], colours: Sequence[str | None] = ()
) -> None:
    """Print a table as wide as the terminal; into a file or a pipe, each row is one line.

    ``colours`` are those of the rows, on a terminal where nobody has set ``NO_COLOR`` (no-color.org).
    """
    terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if terminal else None
    cells = [[printable(cell) if terminal else _in_one_line(cell) for cell in row] for row in rows]
    click.secho(title, italic=True)
    for drawn in laid_out(columns, cells, width):
        coloured = terminal and colours and drawn.row is not None and not os.environ.get("NO_COLOR")
        click.secho(drawn.text, bold=drawn.head, fg=colours[drawn.row or 0] if coloured else None)


def records(title: str, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    """Print a table of what the rows have under each column's name."""
    table(title, columns, [[row.get(column) for column in columns] for row in rows])


def timeline(entries: Iterable[TimelineEntry]) -> None:
    """Print what happened."""
    table("timeline", ["at", "event", "by", "detail"], [(one.at, one.event, one.by, one.detail) for one in entries])


def _in_one_line(cell: object) -> str:
    return " ".join(printable(cell).split())


def line(text: str) -> None:
    """Print one line as it is."""
    click.echo(printable(text))


def printable(value: object) -> str:
    """Text for a terminal: nothing for None, minutes in the shop's zone for instants, no control characters."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(zone()).strftime("%Y-%m-%d %H:%M %Z")
    return "".join(char if char.isprintable() or char == "\n" else "\N{REPLACEMENT CHARACTER}" for char in str(value))


@cache
def zone() -> tzinfo | None:
    """The zone of the policy's clock; this machine's where the policy cannot be read."""
    try:
        return ZoneInfo(PolicyFile(load_settings().policy)().clock.timezone)
    except SettingsError:
        return None


def show_summary(summary: Summary) -> None:
    """Print the short answer of an update."""
    line(f"{summary.return_id}  {summary.status}  {format_money(summary.amount, summary.currency)}")
    if summary.resolve_by:
        line(f"  resolve by {printable(summary.resolve_by)}{'  (escalated)' if summary.escalated else ''}")
    if summary.attention:
        line(f"  needs attention: {summary.attention}")


def show_view(view: View, request: ReturnRequest | None) -> None:
    """Print all of one return; of the request, what the customer said."""
    _show_what_is_wrong(view)
    money = format_money(view.settlement.amount, view.settlement.currency)
    line(f"{view.return_id}  {view.status}{'  closed' if view.closed else ''}  order {view.order_id}")
    line(f"  {view.settlement.resolution} of {money}: {view.settlement.state};  goods {view.goods.state}")
    if request:
        _show_items(request)
    if view.handover.tracking_code:
        line(f"  {view.handover.method}, tracking code {view.handover.tracking_code}")
    _show_way(view)
    for paid in view.settlement.paid:
        line(f"  {paid.tender_id}: {format_money(paid.amount, view.settlement.currency)}, {paid.how.replace('_', ' ')}")
    _show_what_waits(view)
    _show_tables(view)


def _show_what_is_wrong(view: View) -> None:
    """What keeps it, and the command that helps, before all else."""
    wrong = []
    if view.attention:
        helps = f"homeward attention {view.return_id} retry|mark_done|skip"
        if view.attention.step == "orphaned":
            helps = f"homeward revive {view.return_id}"
        wrong.append((f"needs staff: {view.attention.step} ({view.attention.error})", helps))
    if view.status is Status.IN_REVIEW:
        helps = f"homeward approve {view.return_id}, or homeward decline {view.return_id} --reason TEXT"
        wrong.append(("waits for a reviewer", helps))
    if view.escalated and not view.closed and not wrong:
        wrong.append(("is past its target", "what it waits for stands below"))
    coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    for what, helps in wrong:
        click.secho(printable(f"{view.return_id} {what}"), fg="red" if coloured else None, bold=sys.stdout.isatty())
        line(f"  {helps}")


def _show_items(request: ReturnRequest) -> None:
    for item in request.items:
        bought = request.order.line(item.line_id)
        show_item(item, bought.title or bought.sku)


def _show_what_waits(view: View) -> None:
    if view.settlement.hold:
        held = view.settlement.hold
        line(f"  card hold of {format_money(held.amount, view.settlement.currency)}: {held.state}")
    if asked := view.settlement.asked:
        costs = format_money(asked.amount, view.settlement.currency)
        line(f"  the customer is asked for {costs}, until {printable(asked.until)}")
    for name, at in view.deadlines:
        if at:
            line(f"  {name.replace('_', ' ')} {printable(at)}")
    if view.attention:
        line(f"  needs attention: {view.attention.step} ({view.attention.error})")
        for told in filter(None, (view.attention.note, *view.attention.photos)):
            line(f"    the warehouse: {told}")
    for rule in view.decision.rules if view.decision else []:
        line(f"  {rule.rule} {rule.unit_id or ''} {rule.detail}")
    _show_noted(view)


def _show_noted(view: View) -> None:
    for unit in view.units:
        if unit.note:
            line(f"  {unit.unit_id} was noted, for the customer: {unit.note}")
        if unit.flag:
            line(f"  look at {unit.unit_id}: {unit.flag}")


def _show_way(view: View) -> None:
    pickup, drop_off = view.handover.pickup, view.handover.drop_off
    if pickup and pickup.booked:
        line(f"  pickup {printable(pickup.booked.start)} to {printable(pickup.booked.end)}")
    elif pickup:
        for slot in pickup.slots:
            line(f"  pickup offered: {slot.start.isoformat()} {slot.end.isoformat()}")
    if drop_off and drop_off.code:
        line(f"  drop-off code {drop_off.code}, at {', '.join(point['name'] or '' for point in drop_off.points)}")


def _bench(unit: Unit) -> str:
    """What the bench says, and whether it is wiped."""
    said = [str(unit.repair["state"])] if unit.repair else []
    return ", ".join(said + (["wiped"] if unit.wiped else []))


def _show_tables(view: View) -> None:
    refunds = (unit.refund for unit in view.units)
    shown = ["" if amount is None else format_money(amount, view.settlement.currency) for amount in refunds]
    columns = ["sku", "reception", "acceptance", "grade", "disposition"]
    table(
        "units",
        ["unit", *columns, "refund", "bench"],
        [
            (unit.unit_id, *(getattr(unit, column) for column in columns), refund, _bench(unit))
            for unit, refund in zip(view.units, shown, strict=True)
        ],
    )
    timeline(view.timeline)


def show_item(item: Item, title: str) -> None:
    """Print what the customer said of what comes back."""
    note = f": {item.note}" if item.note else ""
    line(f"  {item.quantity} x {title}, {item.reason.replace('_', ' ')}{note}")


def show_kept(kept: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Print what the database keeps beside the view: mails, effects, movements of stock, steps that failed."""
    for title, columns in _KEPT.items():
        if rows := kept[title]:
            records(title, columns, rows)
