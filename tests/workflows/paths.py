"""The outcome of a demonstration story, in the words of the table in ``docs/paths.md``."""

from collections import Counter
from pathlib import Path
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory
from temporalio.converter import default

from gateways.database.engine import Database
from gateways.database.messages.outbox import mails_of
from gateways.database.stock.inventory import movements_of
from lifecycle.contract.money import format_money
from lifecycle.contract.view import Reception, Unit, View
from starter.demo.stories import STORIES
from tests.gateways.reserved import reservations_of
from tests.workflows.returns.play import Play

ROOT = Path(__file__).parent.parent.parent
_COLUMNS = ("path", "what happens", "statuses", "mails", "money", "goods")
_SHOWS_STATUS = "ReturnStatus"


def told_rows() -> list[str]:
    """The rows that stand on the page."""
    lines = (ROOT / "docs" / "paths.md").read_text().splitlines()
    return [line for line in lines if line.startswith("| [")]


def comparable(row: str) -> dict[str, str]:
    """The row without what is left to chance.

    That is the order of mails written at the same moment, and whether the label was there before
    a replacement that goes out in advance.
    """
    cells = dict(zip(_COLUMNS, (cell.strip() for cell in row.strip("|").split("|")), strict=True))
    cells["mails"] = ", ".join(sorted(cells["mails"].split(", ")))
    if "held" in cells["money"]:
        cells["statuses"] = cells["statuses"].replace("label_sent → ", "")
    return cells


async def row_of(name: str, play: Play, db: Database) -> str:
    """The row of one story that was played to its end."""
    view = await play.view()
    shelves = shelves_of(await movements_of(db, play.return_id))
    reserved = await reservations_of(db, play.return_id)
    sent = [f"out: {item['quantity']} {item['sku']}" for item in reserved if item["state"] == "shipped"]
    cells = (
        f"[{name}](../examples/{name}.json)",
        (STORIES[name].__doc__ or "").rstrip("."),
        " → ".join(statuses(await play.handle.fetch_history())),
        ", ".join([_mail(mail, play) for mail in await mails_of(db, play.return_id)]),
        ", ".join(money(view)) or "-",
        ", ".join([_goods(unit, shelves.get(unit.unit_id)) for unit in view.units] + sent),
    )
    return f"| {' | '.join(cells)} |"


def shelves_of(movements: list[dict[str, Any]]) -> dict[str, str]:
    """Where stock holds each unit when all is done, by unit id: location and grade."""
    held: Counter[tuple[str, str]] = Counter()
    for move in movements:
        if move["unit_id"]:
            held[move["unit_id"], f"{move['location']} {move['grade'] or 'ungraded'}"] += move["quantity"]
    return {unit_id: shelf for (unit_id, shelf), quantity in held.items() if quantity}


def statuses(history: WorkflowHistory) -> list[str]:
    """The header statuses that a return has shown, in their order."""
    found: list[str] = []
    for event in history.events:
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:
            fields = event.workflow_execution_started_event_attributes.search_attributes.indexed_fields
        elif event.event_type == EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES:
            fields = event.upsert_workflow_search_attributes_event_attributes.search_attributes.indexed_fields
        else:
            continue
        if _SHOWS_STATUS in fields:
            found.append(default().payload_converter.from_payload(fields[_SHOWS_STATUS], str))
    return found


def money(view: View) -> list[str]:
    """What was held on the card, the outcome of the hold, and what was paid or charged."""
    currency = view.settlement.currency
    hold, found = view.settlement.hold, []
    if hold:
        found.append(f"held {format_money(hold.amount, currency)}, {hold.state}")
    for paid in view.settlement.paid:
        verb = "paid" if paid.amount > 0 else "charged"
        found.append(f"{verb} {format_money(abs(paid.amount), currency)} ({paid.tender_id}, {paid.state})")
    return found


def _mail(mail: dict[str, Any], play: Play) -> str:
    ours = mail["to"] != play.request.order.customer.email
    return f"{mail['template']} (operations)" if ours else str(mail["template"])


def _goods(unit: Unit, shelf: str | None) -> str:
    came = unit.reception in (Reception.RECEIVED, Reception.WRONG_ITEM)
    words = [None if came and unit.disposition else unit.reception, unit.grade, unit.disposition]
    return f"{unit.unit_id} {' '.join(word for word in words if word)}" + (f" (shelf {shelf})" if shelf else "")
