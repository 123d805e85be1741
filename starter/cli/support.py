"""After-sale support, as those who answer see it: whose question waits, and what is said to it."""

import re
from datetime import UTC, datetime
from typing import Any

import click

from activities.support.cases import record_id
from client.ids import new_case_id
from client.support import Support
from gateways.database.messages.outbox import mails_of
from lifecycle.contract.boundary import read
from lifecycle.contract.errors import InvalidRequest
from lifecycle.contract.request import Channel, Method, Reason
from lifecycle.contract.resolutions import Resolution
from lifecycle.support.messages import AddMessage, CloseCase, MakeReturn, Queue, WantedReturn, parse_case
from lifecycle.support.rules import in_words
from lifecycle.support.state import CaseStatus, CaseSummary, CaseView
from starter.cli.shared import inputs, options, render
from starter.cli.shared.session import WrongInput, with_homeward
from starter.shared.connect import Connected

_case = click.argument("case_id")
_by = options.by("support")
_Shown = tuple[CaseView, list[dict[str, Any]]]
_ITEM = re.compile(r"^(?P<line>.+?)(:(?P<quantity>\d{1,4}))?(:(?P<reason>[a-z_]+))?$")
#: What a request of the contract holds besides; the case has an id and a channel of its own.
_NOT_WANTED = ("return_id", "channel")


@click.group()
def support() -> None:
    """Show customers' questions, answer them, turn them into returns."""


def _show_summary(case: CaseSummary | CaseView) -> None:
    render.line(f"{case.case_id}  {case.status}  for {case.queue}{'  (escalated)' if case.escalated else ''}")
    if case.answer_by:
        render.line(f"  answer by {render.printable(case.answer_by)}")
    if case.became_return:
        render.line(f"  became the return {case.became_return}")
    if case.attention:
        render.line(f"  needs attention: {case.attention}")


def _show_list(rows: list[CaseView]) -> None:
    columns = ["case", "queue", "status", "answer by", "late", "order", "return", "address", "subject"]
    cells = [
        [
            row.case_id,
            row.queue,
            row.status,
            row.answer_by,
            "yes" if row.escalated else "",
            row.order_id,
            row.became_return or row.return_id,
            in_words(row.address),
            row.subject,
        ]
        for row in rows
    ]
    render.table("support cases", columns, cells)


@support.command("list")
@click.option("--queue", type=options.OneOf(Queue), default=None, help="Only this one.")
@click.option("--status", type=options.OneOf(CaseStatus), default=None)
@click.option("--escalated", is_flag=True, help="Only those that wait too long.")
@click.option("--all", "everything", is_flag=True, help="Those that have ended too.")
@options.limit
@render.answers(_show_list, lambda rows: [row.model_dump(mode="json", exclude={"messages"}) for row in rows])
def list_cases(
    queue: Queue | None, status: CaseStatus | None, limit: int, *, escalated: bool, everything: bool
) -> list[CaseView]:
    """List the cases that have not ended, the longest open first."""
    running = [] if everything else [known for known in CaseStatus if not known.ended]
    wanted = [status] if status else running
    rows = with_homeward(lambda there: Support(there.client, there.db).list(queue, wanted, limit))
    return [row for row in rows if row.escalated or not escalated]


def _show(found: _Shown) -> None:
    view, mails = found
    _show_summary(view)
    render.line(f"  address {in_words(view.address)}")
    about = [("order", view.order_id), ("about the return", view.return_id), ("follows", view.follows)]
    for name, value in about:
        if value:
            render.line(f"  {name} {value}")
    render.line(f"  {view.subject}")
    for said in view.messages:
        render.line(f"\n{render.printable(said.at)}  {said.by}\n{said.text}")
    render.line("")
    render.timeline(view.timeline)
    render.records("mails", ["at", "to", "template", "subject", "state"], mails)


@support.command()
@_case
@render.answers(_show, lambda found: {**found[0].model_dump(mode="json"), "mails": found[1]})
def show(case_id: str) -> _Shown:
    """Show one case with its conversation, its timeline and its mails."""

    async def act(there: Connected) -> _Shown:
        view = await Support(there.client, there.db).view(case_id)
        return view, await mails_of(there.db, record_id(case_id))

    return with_homeward(act)


@support.command()
@click.argument("text")
@click.option("--email", required=True, help="Where the customer is answered.")
@click.option("--subject", required=True)
@click.option("--order", "order_id", default=None, help="The order it is about.")
@click.option("--return", "return_id", default=None, help="The return it is about.")
@click.option("--queue", type=options.OneOf(Queue), default=None)
@click.option("--channel", type=options.OneOf(Channel), default="phone")
@click.option("--case-id", default="", help="Makes a repeat harmless; made up when left out.")
@render.answers(_show_summary)
def ask(text: str, case_id: str, **question: str | None) -> CaseSummary:
    """Open a case for somebody who asks TEXT (- for standard input), say by phone."""
    raw = {"case_id": case_id or new_case_id(), "text": _text(text), **question}
    try:
        request = parse_case(raw, forbid_unknown=True)
    except InvalidRequest as error:
        raise WrongInput(error.problems) from None

    async def act(there: Connected) -> CaseSummary:
        return (await Support(there.client, there.db).ask(request)).summary

    return with_homeward(act)


@support.command()
@_case
@click.argument("text")
@_by
@options.repeatable_id("--message-id")
@render.answers(_show_summary)
def answer(case_id: str, text: str, by: str, message_id: str) -> CaseSummary:
    """Answer the customer with TEXT (- for standard input); `--by customer` says what they said by phone."""
    return with_homeward(
        lambda there: Support(there.client, there.db).add_message(
            case_id, AddMessage(message_id=message_id, by=by, text=_text(text))
        )
    )


def _text(given: str) -> str:
    return inputs.read_text(given) if given == "-" else given


@support.command()
@_case
@click.option("--reason", default=None, help="The customer reads it.")
@_by
@render.answers(_show_summary)
def close(case_id: str, reason: str | None, by: str) -> CaseSummary:
    """Close a case."""
    return with_homeward(lambda there: Support(there.client, there.db).close(case_id, CloseCase(by=by, reason=reason)))


@support.command("return")
@_case
@click.option("--request", "file", default=None, help="A request, or a part of one, as JSON; - for standard input.")
@click.option("--order", "order_id", default=None, help="Another order than the case's.")
@click.option("--item", "items", multiple=True, metavar="LINE[:QUANTITY[:REASON]]", help="What comes back; repeatable.")
@click.option("--resolution", type=options.OneOf(Resolution), default=None)
@click.option("--method", type=options.OneOf(Method), default=None)
@click.option("--anyway", is_flag=True, help="Even if the order is not of the address that asked.")
@_by
@click.option("--request-id", default="", help="Makes a repeat harmless; made up when left out.")
@render.answers(_show_summary)
def make_return(
    case_id: str, file: str | None, items: tuple[str, ...], by: str, request_id: str, *, anyway: bool, **chosen: Any
) -> CaseSummary:
    """Make a return of a case: of its order, of what --item names (needless for an order of one unit)."""
    given = _request(file) | {name: value for name, value in chosen.items() if value}
    if items:
        given["items"] = [_item(text) for text in items]
    try:
        wanted = read(WantedReturn, given, now=datetime.now(UTC))
    except InvalidRequest as error:
        raise WrongInput(error.problems) from None
    return with_homeward(
        lambda there: Support(there.client, there.db).make_return(
            case_id, MakeReturn(by=by, request=wanted, anyway=anyway), request_id
        )
    )


def _request(file: str | None) -> dict[str, Any]:
    if file is None:
        return {}
    raw = inputs.read_json(file)
    if not isinstance(raw, dict):
        raise WrongInput([("body", "expected an object")])
    return {name: value for name, value in raw.items() if name not in _NOT_WANTED}


def _item(text: str) -> dict[str, Any]:
    parts = _ITEM.match(text)
    if not parts or (parts["reason"] and parts["reason"] not in set(Reason)):
        raise WrongInput([("--item", f"expected LINE[:QUANTITY[:REASON]], got {text}")])
    reason = parts["reason"] or Reason.OTHER.value
    return {"line_id": parts["line"], "quantity": int(parts["quantity"] or 1), "reason": reason}
