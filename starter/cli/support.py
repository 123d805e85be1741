"""After-sale support, as those who answer see it: whose question waits, and what is said to it."""

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import click

from activities.support.cases import record_id
from client.support import Support, new_case_id
from gateways.database.messages.outbox import mails_of
from lifecycle.contract.boundary import read
from lifecycle.contract.errors import InvalidRequest
from lifecycle.contract.request import Channel, Method, Reason, Resolution
from lifecycle.support.messages import AddMessage, CloseCase, MakeReturn, Queue, WantedReturn, parse_case
from lifecycle.support.rules import in_words
from lifecycle.support.state import CaseStatus, CaseSummary, CaseView
from starter.cli.shared import inputs, render
from starter.cli.shared.session import WrongInput, with_homeward
from starter.shared.connect import Connected

_case = click.argument("case_id")
_by = click.option("--by", default="support", show_default=True, help="Who did it; goes into the timeline.")
_ITEM = re.compile(r"^(?P<line>.+?)(:(?P<quantity>\d{1,4}))?(:(?P<reason>[a-z_]+))?$")
#: What a request of the contract holds besides; the case has an id and a channel of its own.
_NOT_WANTED = ("return_id", "channel")


@click.group()
def support() -> None:
    """Show customers' questions, answer them, turn them into returns."""


def _answer(action: Callable[[Support], Awaitable[CaseSummary]], *, as_json: bool) -> None:
    async def act(there: Connected) -> CaseSummary:
        return await action(Support(there.client, there.db))

    summary = with_homeward(act)
    if as_json:
        render.put_json(summary)
    else:
        _show_summary(summary)


def _show_summary(case: CaseSummary | CaseView) -> None:
    render.line(f"{case.case_id}  {case.status}  for {case.queue}{'  (escalated)' if case.escalated else ''}")
    if case.answer_by:
        render.line(f"  answer by {render.printable(case.answer_by)}")
    if case.became_return:
        render.line(f"  became the return {case.became_return}")
    if case.attention:
        render.line(f"  needs attention: {case.attention}")


@support.command("list")
@click.option("--queue", type=click.Choice([queue.value for queue in Queue]), default=None, help="Only this one.")
@click.option("--status", type=click.Choice([status.value for status in CaseStatus]), default=None)
@click.option("--escalated", is_flag=True, help="Only those that wait too long.")
@click.option("--all", "everything", is_flag=True, help="Those that have ended too.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@render.json_option
def list_cases(
    queue: str | None, status: str | None, limit: int, *, escalated: bool, everything: bool, as_json: bool
) -> None:
    """List the cases that have not ended, the longest open first."""
    running = [] if everything else [status for status in CaseStatus if not status.ended]
    wanted = [CaseStatus(status)] if status else running

    async def act(there: Connected) -> list[CaseView]:
        return await Support(there.client, there.db).list(Queue(queue) if queue else None, wanted, limit)

    rows = [row for row in with_homeward(act) if row.escalated or not escalated]
    if as_json:
        render.put_json([row.model_dump(mode="json", exclude={"messages"}) for row in rows])
        return
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


@support.command()
@_case
@render.json_option
def show(case_id: str, *, as_json: bool) -> None:
    """Show one case with its conversation, its timeline and its mails."""

    async def act(there: Connected) -> tuple[CaseView, list[dict[str, Any]]]:
        view = await Support(there.client, there.db).view(case_id)
        return view, await mails_of(there.db, record_id(case_id))

    view, mails = with_homeward(act)
    if as_json:
        render.put_json({**view.model_dump(mode="json"), "mails": mails})
        return
    _show_summary(view)
    render.line(f"  address {in_words(view.address)}")
    about = [("order", view.order_id), ("about the return", view.return_id), ("follows", view.follows)]
    for name, value in about:
        if value:
            render.line(f"  {name} {value}")
    render.line(f"  {view.subject}")
    for said in view.messages:
        render.line(f"\n{render.printable(said.at)}  {said.by}\n{said.text}")
    entries = [(entry.at, entry.event, entry.by, entry.detail) for entry in view.timeline]
    render.line("")
    render.table("timeline", ["at", "event", "by", "detail"], entries)
    rows = [[mail["at"], mail["to"], mail["template"], mail["subject"], mail["state"]] for mail in mails]
    render.table("mails", ["at", "to", "template", "subject", "state"], rows)


@support.command()
@click.argument("text")
@click.option("--email", required=True, help="Where the customer is answered.")
@click.option("--subject", required=True)
@click.option("--order", "order_id", default=None, help="The order it is about.")
@click.option("--return", "return_id", default=None, help="The return it is about.")
@click.option("--queue", type=click.Choice([queue.value for queue in Queue]), default=None)
@click.option("--channel", type=click.Choice([channel.value for channel in Channel]), default="phone")
@click.option("--case-id", default="", help="Makes a repeat harmless; made up when left out.")
@render.json_option
def ask(text: str, case_id: str, *, as_json: bool, **question: str | None) -> None:
    """Open a case for somebody who asks TEXT (- for standard input), say by phone."""
    raw = {"case_id": case_id or new_case_id(), "text": _text(text), **question}
    try:
        request = parse_case(raw, forbid_unknown=True)
    except InvalidRequest as error:
        raise WrongInput(error.problems) from None

    async def act(cases: Support) -> CaseSummary:
        return (await cases.ask(request)).summary

    _answer(act, as_json=as_json)


@support.command()
@_case
@click.argument("text")
@_by
@click.option("--message-id", default="", help="Makes a repeat harmless; made up when left out.")
@render.json_option
def answer(case_id: str, text: str, by: str, message_id: str, *, as_json: bool) -> None:
    """Answer the customer with TEXT (- for standard input); `--by customer` says what they said by phone."""

    async def act(cases: Support) -> CaseSummary:
        message = AddMessage(message_id=message_id or uuid4().hex[:12], by=by, text=_text(text))
        return await cases.add_message(case_id, message)

    _answer(act, as_json=as_json)


def _text(given: str) -> str:
    return inputs.read_text(given) if given == "-" else given


@support.command()
@_case
@click.option("--reason", default=None, help="The customer reads it.")
@_by
@render.json_option
def close(case_id: str, reason: str | None, by: str, *, as_json: bool) -> None:
    """Close a case."""

    async def act(cases: Support) -> CaseSummary:
        return await cases.close(case_id, CloseCase(by=by, reason=reason))

    _answer(act, as_json=as_json)


@support.command("return")
@_case
@click.option("--request", "file", default=None, help="A request, or a part of one, as JSON; - for standard input.")
@click.option("--order", "order_id", default=None, help="Another order than the case's.")
@click.option("--item", "items", multiple=True, metavar="LINE[:QUANTITY[:REASON]]", help="What comes back; repeatable.")
@click.option("--resolution", type=click.Choice([resolution.value for resolution in Resolution]), default=None)
@click.option("--method", type=click.Choice([method.value for method in Method]), default=None)
@click.option("--anyway", is_flag=True, help="Even if the order is not of the address that asked.")
@_by
@click.option("--request-id", default="", help="Makes a repeat harmless; made up when left out.")
@render.json_option
def make_return(
    case_id: str,
    file: str | None,
    items: tuple[str, ...],
    by: str,
    request_id: str,
    *,
    anyway: bool,
    as_json: bool,
    **chosen: str | None,
) -> None:
    """Make a return of a case: of its order, of what --item names (needless for an order of one unit)."""
    given = _request(file) | {name: value for name, value in chosen.items() if value}
    if items:
        given["items"] = [_item(text) for text in items]
    try:
        wanted = read(WantedReturn, given, now=datetime.now(UTC))
    except InvalidRequest as error:
        raise WrongInput(error.problems) from None

    async def act(cases: Support) -> CaseSummary:
        return await cases.make_return(case_id, MakeReturn(by=by, request=wanted, anyway=anyway), request_id)

    _answer(act, as_json=as_json)


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
