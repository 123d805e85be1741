"""The customer's answer to what an exchange would cost more than was agreed, and what silence means."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from lifecycle.contract.errors import Refused
from lifecycle.contract.messages import AnswerCharge, Piece
from lifecycle.contract.money import format_money, spread
from lifecycle.contract.request import ExchangeItem, ReturnRequest
from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.view import Asked
from lifecycle.returns.decisions.limit import enforce_limit, payable_at_limit
from lifecycle.returns.goods.outbound import drop, keep_pieces
from lifecycle.returns.prices import exchange_price
from lifecycle.returns.resolutions.table import MONEY_BACK
from lifecycle.returns.settlement.agreement import asked_of, close_question, exceeds, remind
from lifecycle.returns.settlement.settling import charge_for, due_units
from lifecycle.returns.state import Return, change_resolution


def check_answer(ret: Return, message: AnswerCharge) -> Asked:
    """Refuse an answer where nothing is asked, to another charge, or with pieces that are not fewer."""
    asked = asked_of(ret)
    if asked is None:
        raise Refused("nothing is asked: no exchange would cost more than was agreed")
    charge = _charge(ret, asked, message)
    if message.amount not in (None, charge):
        raise Refused(f"amount: expected {charge}, which it costs now, got {message.amount}")
    if message.exchange_for and not message.accepted and exceeds(ret, charge):
        raise Refused(f"exchange_for: it costs {charge}, and {ret.money.agreed} was agreed; accept that, or want fewer")
    return asked


def answer_charge(ret: Return, message: AnswerCharge, now: datetime) -> None:
    """Take the answer: they pay, get fewer pieces, or money instead; the settlement goes on from it."""
    asked = check_answer(ret, message)
    charge = _charge(ret, asked, message)
    if message.accepted and charge:
        ret.money.agreed = max(ret.money.agreed, charge)
        ret.note(now, "charge_accepted", by=message.by, detail=format_money(charge, ret.request.order.currency))
    if message.exchange_for:
        _keep(ret, fewer(asked.exchange_for, message.exchange_for))
        ret.note(now, "fewer_pieces", by=message.by, detail=_names(ret.request.exchange_for or []))
    elif not message.accepted:
        ret.note(now, "charge_refused", by=message.by)
        _money_instead(ret, Resolution(message.instead or MONEY_BACK), now, message.by)
    _proceed(ret, now)


def _charge(ret: Return, asked: Asked, message: AnswerCharge) -> int:
    """What it costs with the pieces that the answer names, or with all of them."""
    if not message.exchange_for:
        return asked.amount
    return max(0, cost_of(ret.request, asked, fewer(asked.exchange_for, message.exchange_for)))


def cost_of(request: ReturnRequest, asked: Asked, pieces: Sequence[ExchangeItem]) -> int:
    """What the customer would pay for these pieces, in minor units; below 0 they get money back as well."""
    return exchange_price(request.model_copy(update={"exchange_for": list(pieces)})) - asked.refund


def fewer(wanted: Sequence[ExchangeItem], pieces: Sequence[Piece]) -> list[ExchangeItem]:
    """What is wanted, less what the pieces do not name; ``Refused`` when that is not less.

    A line's tax is spread over its pieces by largest remainder, as an order's is.
    """
    left: Counter[str] = Counter()
    for piece in pieces:
        left[piece.sku] += piece.quantity
    kept = []
    for item in wanted:
        count = min(item.quantity, left[item.sku])
        left[item.sku] -= count
        if count:
            tax = sum(spread(item.tax_total, item.quantity)[:count])
            kept.append(item.model_copy(update={"quantity": count, "tax_total": tax}))
    if left.total():
        more = ", ".join(sku for sku, count in left.items() if count)
        raise Refused(f"exchange_for: more of {more} than the exchange brings")
    if kept == list(wanted):
        raise Refused("exchange_for: expected fewer pieces than the exchange brings")
    return kept


def _keep(ret: Return, kept: list[ExchangeItem]) -> None:
    ret.request = ret.request.model_copy(update={"exchange_for": kept})
    keep_pieces(ret, kept)


def _names(items: Sequence[ExchangeItem]) -> str:
    return ", ".join(f"{item.quantity} x {item.sku}" for item in items)


def _money_instead(ret: Return, resolution: Resolution, now: datetime, by: str) -> None:
    """For what was accepted; what was reserved for them is released."""
    drop(ret)
    change_resolution(ret, resolution)
    ret.note(now, "resolution_changed", by=by, detail=resolution)


def _proceed(ret: Return, now: datetime) -> None:
    question = ret.money.question
    close_question(ret, now)
    if question is not None and question.at_limit:
        enforce_limit(ret, now)


def reconsider(ret: Return, now: datetime) -> None:
    """What is asked may not hold any more: something else was accepted, came, or was changed by hand."""
    question = ret.money.question
    if question is None:
        return
    units = payable_at_limit(ret) if question.at_limit else due_units(ret)
    charge = charge_for(ret, units) if ret.live else 0
    if charge != question.amount or not exceeds(ret, charge):
        ret.note(now, "charge_withdrawn")
        _proceed(ret, now)


def fire_question_deadline(ret: Return, now: datetime) -> None:
    """Remind the customer; after the last day of silence they get money instead."""
    question = ret.money.question
    if question is None:
        return
    if question.until <= now:
        ret.note(now, "charge_unanswered")
        _money_instead(ret, MONEY_BACK, now, "engine")
        _proceed(ret, now)
    elif question.remind is not None and question.remind <= now:
        remind(ret, now)
