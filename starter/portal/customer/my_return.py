"""My return: where it stands, what is needed now, and what the customer can still decide."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal
from uuid import uuid4

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import Field, TypeAdapter, ValidationError
from starlette.datastructures import FormData, UploadFile

from client.errors import InvalidInput, NotAllowed, UnknownRepair
from gateways.database.rates import Limit
from gateways.database.returns.records import policy_in
from gateways.errors import Declined, GatewayError
from gateways.orders.protocol import FoundOrder
from lifecycle.contract.errors import Refused
from lifecycle.contract.messages import AnswerCharge, Cancel, ChangeRequest, Piece
from lifecycle.contract.policy import Policy
from lifecycle.contract.request import ExchangeItem, Item, Method, Reason, Resolution, ReturnRequest
from lifecycle.contract.view import Asked, View
from lifecycle.repairs.messages import EstimateAnswer
from lifecycle.returns.decisions.change_request import CHANGED_TOO_OFTEN, MOST_CHANGES
from lifecycle.returns.decisions.exchange import cost_of, fewer
from lifecycle.returns.fees import return_shipping_fee
from lifecycle.returns.resolutions.table import CHOSEN_ITEMS, MONEY_BACK, MONEY_ONLY
from starter.portal.customer import offers
from starter.portal.customer.begin_return import wait_for_label
from starter.portal.customer.order_page import path_of
from starter.portal.customer.ownership import OwnReturn, ReturnDep, known_of_others
from starter.portal.customer.progress import progress_of
from starter.portal.customer.wording import cost_of_way_back, declined_of, headline_of, promise_of, words_of
from starter.portal.shared.formats import Days
from starter.portal.shared.forms import FormDep, field
from starter.portal.shared.page_budget import spend
from starter.portal.shared.pages import page
from starter.portal.shared.repeats import sending
from starter.portal.shared.session import session_of
from starter.portal.shared.texts import t
from starter.portal.shared.throttle import throttled
from starter.shared.aside import aside
from starter.shared.handover_options import label_of
from starter.shared.services import Services, ServicesDep

#: Forms about returns that one session sends: no one clicks faster.
_FORMS: Final = Limit("forms of returns", 30, timedelta(minutes=1))


async def _count(request: Request, services: ServicesDep) -> None:
    """Count what is sent; whoever has not signed in is turned away all the same."""
    session_id = session_of(request).get("id")
    if request.method == "POST" and session_id:
        await throttled(services.db, [(_FORMS, (session_id,))])


router = APIRouter(dependencies=[Depends(_count)])
#: Who says what comes from these pages.
_CUSTOMER: Final = "customer"
_LONGEST_ID: Final = 64
_LONGEST_NUMBER: Final = 13
_PIECES: Final = TypeAdapter(Annotated[list[Piece], Field(min_length=1)])


@router.get("/returns/{return_id}")
async def show(request: Request, services: ServicesDep, own: ReturnDep, stands: str = "") -> Response:
    """The page of a return; ``stands``: the form that began it was sent again with another choice."""
    return await _show(request, services, own, stands=bool(stands))


@router.get("/returns/{return_id}/label")
async def label(services: ServicesDep, own: ReturnDep) -> Response:
    """The label as PDF, or the drop-off code as PNG."""
    try:
        file = await label_of(services, own.return_id)
    except (NotAllowed, Declined):
        raise HTTPException(404) from None
    headers = {"Content-Disposition": f'inline; filename="{file.filename}"'}
    return Response(file.content, media_type=file.media_type, headers=headers)


@router.get("/returns/{return_id}/change")
async def ask_to_change(request: Request, services: ServicesDep, own: ReturnDep) -> Response:
    """Another way to send it, or something else for it."""
    view = await services.homeward.view(own.return_id)
    known = progress_of(view, own.request)
    if not (known.can_change or known.can_choose_instead):
        return await _refused(request, services, own, "change")
    policy = await _policy(services, own)
    items = _items(view, own)
    units = own.request.order.units
    await spend(request, units=units)
    seen = await aside(
        units,
        offers.possible_offers,
        FoundOrder(own.request.order),
        items,
        policy,
        await known_of_others(services, own.request.order, own.return_id),
        datetime.now(UTC),
        frozenset(),
    )
    return page(
        request,
        "customer/change.html",
        view=view,
        known=known,
        seen=seen,
        methods=list(policy.handover.methods),
        request_id=uuid4().hex,
    )


@router.post("/returns/{return_id}/change")
async def change(request: Request, services: ServicesDep, own: ReturnDep, form: FormDep) -> Response:
    """Change what differs from what it is."""
    view = await services.homeward.view(own.return_id)
    wanted: dict[str, Any] = {"by": _CUSTOMER}
    if field(form, "method") in set(Method) - {view.handover.method}:
        wanted["method"] = field(form, "method")
    if field(form, "resolution") in set(Resolution) - CHOSEN_ITEMS - {view.settlement.resolution}:
        wanted["resolution"] = field(form, "resolution")
    if len(wanted) == 1:
        return RedirectResponse(f"/returns/{own.return_id}", 303)
    return await _change(request, services, own, form, wanted, "change")


@router.post("/returns/{return_id}/pickup")
async def choose_slot(request: Request, services: ServicesDep, own: ReturnDep, form: FormDep) -> Response:
    """Choose when the carrier comes."""
    start, _, end = field(form, "slot").partition("/")
    try:
        wanted = ChangeRequest.model_validate({"by": _CUSTOMER, "pickup_slot": {"start": start, "end": end}})
    except ValidationError:
        raise HTTPException(422) from None
    return await _change(request, services, own, form, wanted, "slot")


@router.get("/returns/{return_id}/pickup")
@router.get("/returns/{return_id}/estimate")
async def back(own: ReturnDep) -> Response:
    """Somebody loads the page of a refusal again, by its address."""
    return RedirectResponse(f"/returns/{own.return_id}", 303)


@router.get("/returns/{return_id}/cancel")
async def ask_to_cancel(request: Request, services: ServicesDep, own: ReturnDep) -> Response:
    """Ask whether they mean it."""
    view = await services.homeward.view(own.return_id)
    if not progress_of(view, own.request).can_change:
        return await _refused(request, services, own, "cancel")
    return page(request, "customer/cancel.html", view=view, request_id=uuid4().hex)


@router.post("/returns/{return_id}/cancel")
async def cancel(request: Request, services: ServicesDep, own: ReturnDep, form: FormDep) -> Response:
    """Call it off."""

    async def act(request_id: str) -> None:
        await services.homeward.cancel(own.return_id, Cancel(by=_CUSTOMER), request_id)

    return await _act(request, services, own, form, act, "cancel")


@router.post("/returns/{return_id}/estimate")
async def answer_estimate(request: Request, services: ServicesDep, own: ReturnDep, form: FormDep) -> Response:
    """Say yes or no to what a repair costs."""
    answer, unit_id = field(form, "answer"), field(form, "unit")
    if answer not in ("yes", "no"):
        raise HTTPException(422)

    # What another return's unit costs is nobody's here to answer.
    if unit_id not in {unit.unit_id for unit in (await services.homeward.view(own.return_id)).units}:
        raise HTTPException(404)

    async def act(request_id: str) -> None:
        message = EstimateAnswer(by=_CUSTOMER, accepted=answer == "yes")
        try:
            await services.repairs.answer_estimate(own.return_id, unit_id, message, request_id)
        except (NotAllowed, UnknownRepair):
            if await _answer_of(services, own.return_id, unit_id) != answer:
                raise

    what = f"estimate.{await _answer_of(services, own.return_id, unit_id)}"
    return await _act(request, services, own, form, act, what)


async def _answer_of(services: Services, return_id: str, unit_id: str) -> Literal["yes", "no", "none"]:
    """What was said to the price of a repair."""
    with suppress(NotAllowed, UnknownRepair):
        for entry in reversed((await services.repairs.view(return_id, unit_id)).timeline):
            if entry.event in _ANSWERS:
                return _ANSWERS[entry.event]
    return "none"


_ANSWERS: Final[dict[str, Literal["yes", "no"]]] = {"estimate_accepted": "yes", "estimate_refused": "no"}


@router.get("/returns/{return_id}/charge")
async def count_fewer(
    request: Request,
    services: ServicesDep,
    own: ReturnDep,
    keep: Annotated[list[int] | None, Query(max_length=500)] = None,
) -> Response:
    """What fewer pieces would cost: ``keep`` says how many of each that the exchange brings."""
    view = await services.homeward.view(own.return_id)
    asked = view.settlement.asked
    if asked is None:
        return await _refused(request, services, own, f"charge.{_chosen(view)}")
    if keep is None:
        return RedirectResponse(f"/returns/{own.return_id}", 303)
    try:
        kept = _kept(asked, keep)
    except (Refused, ValidationError):
        return await _refused(request, services, own, "pieces")
    return page(
        request,
        "customer/fewer.html",
        view=view,
        kept=kept,
        cost=cost_of(own.request, asked, kept),
        titles=await _titles(services, own),
        request_id=uuid4().hex,
    )


@router.post("/returns/{return_id}/charge")
async def answer_charge(request: Request, services: ServicesDep, own: ReturnDep, form: FormDep) -> Response:
    """Pay what the exchange costs more, take fewer pieces, or have money instead."""
    answer = field(form, "answer")
    said: dict[str, Any] = {
        "by": _CUSTOMER,
        "accepted": answer in ("pay", "fewer"),
        "amount": _number(field(form, "amount")),
    }
    if answer in MONEY_ONLY:
        said["instead"] = answer
    elif answer == "fewer":
        pairs = zip(form.getlist("sku"), form.getlist("count"), strict=False)
        said["exchange_for"] = [{"sku": sku, "quantity": _number(count)} for sku, count in pairs]
    elif answer != "pay":
        raise HTTPException(422)
    try:
        message = AnswerCharge.model_validate(said)
    except ValidationError:
        raise HTTPException(422) from None

    async def act(request_id: str) -> None:
        answered = sending(request, request_id, message.model_dump(mode="json"))
        await services.homeward.answer_charge(own.return_id, message, answered.id)

    before = _chosen(await services.homeward.view(own.return_id))
    return await _act(request, services, own, form, act, f"charge.{before}")


def _chosen(view: View) -> str:
    """How the question what an exchange costs was answered last."""
    events = (_CHOSEN.get(entry.event) for entry in reversed(view.timeline))
    return next((chosen for chosen in events if chosen), "none")


#: A later question is open until it is answered; what was taken back was not.
_CHOSEN: Final = {
    "charge_asked": "none",
    "charge_withdrawn": "none",
    "fewer_pieces": "fewer",
    "charge_accepted": "pay",
    "charge_refused": "money",
    "charge_unanswered": "silent",
}


def _kept(asked: Asked, counts: Sequence[int]) -> list[ExchangeItem]:
    """So many of each; raises ``Refused`` or ``ValidationError`` where that is nothing, not fewer, or no number."""
    named = [
        {"sku": item.sku, "quantity": count}
        for item, count in zip(asked.exchange_for, counts, strict=False)
        if count != 0
    ]
    return fewer(asked.exchange_for, _PIECES.validate_python(named))


def _number(value: str | UploadFile) -> int:
    """A whole number; 422 for anything else."""
    if not isinstance(value, str) or not value.isascii() or not value.isdecimal() or len(value) > _LONGEST_NUMBER:
        raise HTTPException(422)
    return int(value)


async def _titles(services: Services, own: OwnReturn) -> dict[str, str]:
    """What an exchange's pieces are called, as far as the order service says so."""
    try:
        found = await services.orders.find(own.order_id)
    except GatewayError:
        return {}
    options = found.alternatives.values() if found else ()
    return {other.sku: other.title for others in options for other in others if other.title}


async def _change(
    request: Request,
    services: Services,
    own: OwnReturn,
    form: FormData,
    wanted: ChangeRequest | dict[str, Any],
    what: str,
) -> Response:
    message = ChangeRequest.model_validate(wanted)

    async def act(request_id: str) -> None:
        said = sending(request, request_id, message.model_dump(mode="json"))
        await services.homeward.change_request(own.return_id, message, said.id)
        await wait_for_label(services, own.return_id, booking=what == "slot")

    return await _act(request, services, own, form, act, what)


async def _act(
    request: Request,
    services: Services,
    own: OwnReturn,
    form: FormData,
    act: Callable[[str], Awaitable[None]],
    what: str,
) -> Response:
    """Do it once for each form, then show the return; a refusal is shown as a sentence."""
    request_id = field(form, "request_id")
    if not request_id.isalnum() or len(request_id) > _LONGEST_ID:
        raise HTTPException(422)
    try:
        await act(request_id)
    except (NotAllowed, InvalidInput, UnknownRepair) as refusal:
        return await _refused(request, services, own, "too_often" if str(refusal) == CHANGED_TOO_OFTEN else what)
    return RedirectResponse(f"/returns/{own.return_id}", 303)


async def _refused(request: Request, services: Services, own: OwnReturn, what: str) -> Response:
    return await _show(request, services, own, refusal=t(f"refused.{what}", most=MOST_CHANGES))


async def _show(
    request: Request, services: Services, own: OwnReturn, *, refusal: str | None = None, stands: bool = False
) -> Response:
    view = await services.homeward.view(own.return_id)
    titles = await _titles(services, own) if view.settlement.asked else {}
    shown = shown_of(view, own.request, await _policy(services, own), titles) | {"path_of": path_of(own.order_id)}
    status = 409 if refusal else 200
    said = {"refusal": refusal, "stands": stands, "request_id": uuid4().hex}
    return page(request, "customer/return.html", status=status, **said, **shown)


def shown_of(
    view: View, request: ReturnRequest, policy: Policy, titles: Mapping[str, str] = MappingProxyType({})
) -> dict[str, Any]:
    """What the page of a return is made of; ``titles`` of what an exchange brings, by SKU."""
    known = progress_of(view, request)
    return {
        "view": view,
        "known": known,
        "headline": headline_of(view, known),
        "promise": promise_of(view, policy, Days(policy.clock.timezone)),
        "declined": declined_of(view, request.order),
        "words": words_of(view),
        "cost": cost_of_way_back(view, request, policy),
        "fee": return_shipping_fee(policy.money),
        "days": Days(policy.clock.timezone),
        "titles": titles,
        "instead": [name for name in MONEY_ONLY if name is MONEY_BACK or name in policy.eligibility.resolutions],
        "tenders": {tender.tender_id: tender.kind for tender in request.order.tenders},
        "window_ends": offers.window_end(request.order, policy),
        "window_days": policy.eligibility.window_days,
        "now": datetime.now(UTC),
        "path_of": path_of(request.order.order_id),
    }


async def _policy(services: Services, own: OwnReturn) -> Policy:
    """The policy that the return started with."""
    kept = await services.db.read(lambda connection: policy_in(connection, own.return_id))
    return Policy.model_validate(kept) if kept else services.policy()


def _items(view: View, own: OwnReturn) -> list[Item]:
    """What it brings back now; the reasons as they were given first."""
    reasons = {item.line_id: item.reason for item in own.request.items}
    counts: dict[str, int] = {}
    for unit in view.units:
        counts[unit.line_id] = counts.get(unit.line_id, 0) + 1
    return [
        Item(line_id=line_id, quantity=count, reason=reasons.get(line_id, Reason.OTHER))
        for line_id, count in counts.items()
    ]
