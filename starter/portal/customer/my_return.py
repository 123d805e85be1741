"""My return: where it stands, what is needed now, and what the customer can still decide."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
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
from lifecycle.contract.request import ExchangeItem, Item, Method, Reason, ReturnRequest
from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.view import Asked, View
from lifecycle.repairs.messages import EstimateAnswer
from lifecycle.returns.decisions.change_request import CHANGED_TOO_OFTEN, MOST_CHANGES
from lifecycle.returns.decisions.exchange import cost_of, fewer
from lifecycle.returns.eligibility import methods_of
from lifecycle.returns.resolutions.table import CHOSEN_ITEMS, MONEY_BACK, MONEY_ONLY
from starter.portal.customer.begin_return import offers
from starter.portal.customer.begin_return.items_page import path_of
from starter.portal.customer.begin_return.submit import wait_for_label
from starter.portal.customer.ownership import OwnReturn, ReturnDep
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
from starter.shared.other_returns import facts_beside
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


@dataclass(frozen=True)
class ReturnPage:
    """The page of one return, and what its forms do; what every route here asks for."""

    request: Request
    services: Services
    own: OwnReturn

    async def view(self) -> View:
        """How the return stands now."""
        return await self.services.homeward.view(self.own.return_id)

    def redirect(self) -> Response:
        """Lead to the page itself."""
        return RedirectResponse(f"/returns/{self.own.return_id}", 303)

    async def show(self, *, refusal: str | None = None, stands: bool = False) -> Response:
        """Show it, with what was refused."""
        view, own = await self.view(), self.own
        titles = await self.titles() if view.settlement.asked else {}
        shown = shown_of(view, own.request, await self.policy(), titles) | {"path_of": path_of(own.order_id)}
        status = 409 if refusal else 200
        said = {"refusal": refusal, "stands": stands, "request_id": uuid4().hex}
        return page(self.request, "customer/return.html", status=status, **said, **shown)

    async def refused(self, what: str) -> Response:
        """Show it with the sentence why something was refused."""
        return await self.show(refusal=t(f"refused.{what}", most=MOST_CHANGES))

    async def act(self, form: FormData, act: Callable[[str], Awaitable[None]], what: str) -> Response:
        """Do it once for each form, then show the return; a refusal is shown as a sentence."""
        request_id = field(form, "request_id")
        if not request_id.isalnum() or len(request_id) > _LONGEST_ID:
            raise HTTPException(422)
        try:
            await act(request_id)
        except (NotAllowed, InvalidInput, UnknownRepair) as refusal:
            return await self.refused("too_often" if str(refusal) == CHANGED_TOO_OFTEN else what)
        return self.redirect()

    async def change(self, form: FormData, wanted: ChangeRequest | dict[str, Any], what: str) -> Response:
        """Change the return as the form says, and wait a moment for what comes of it."""
        message = ChangeRequest.model_validate(wanted)

        async def act(request_id: str) -> None:
            said = sending(self.request, request_id, message.model_dump(mode="json"))
            await self.services.homeward.change_request(self.own.return_id, message, said.id)
            await wait_for_label(self.services, self.own.return_id, booking=what == "slot")

        return await self.act(form, act, what)

    async def titles(self) -> dict[str, str]:
        """What an exchange's pieces are called, as far as the order service says so."""
        try:
            found = await self.services.orders.find(self.own.order_id)
        except GatewayError:
            return {}
        options = found.alternatives.values() if found else ()
        return {other.sku: other.title for others in options for other in others if other.title}

    async def policy(self) -> Policy:
        """The policy that the return started with."""
        kept = await self.services.db.read(lambda connection: policy_in(connection, self.own.return_id))
        return Policy.model_validate(kept) if kept else self.services.policy()


async def _page(request: Request, services: ServicesDep, own: ReturnDep) -> ReturnPage:
    return ReturnPage(request, services, own)


PageDep = Annotated[ReturnPage, Depends(_page)]


@router.get("/returns/{return_id}")
async def show(here: PageDep, stands: str = "") -> Response:
    """The page of a return; ``stands``: the form that began it was sent again with another choice."""
    return await here.show(stands=bool(stands))


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
async def ask_to_change(here: PageDep) -> Response:
    """Another way to send it, or something else for it."""
    view, own = await here.view(), here.own
    known = progress_of(view, own.request)
    if not (known.can_change or known.can_choose_instead):
        return await here.refused("change")
    policy, order = await here.policy(), own.request.order
    await spend(here.request, units=order.units)
    now = datetime.now(UTC)
    facts = await facts_beside(here.services, order, own.return_id, now)
    asked = (FoundOrder(order), _items(view, own), policy, facts, now, frozenset[str]())
    seen = await aside(order.units, offers.possible_offers, *asked)
    return page(
        here.request,
        "customer/change.html",
        view=view,
        known=known,
        seen=seen,
        methods=methods_of(order, policy),
        has_address=order.customer.address is not None,
        request_id=uuid4().hex,
    )


@router.post("/returns/{return_id}/change")
async def change(here: PageDep, form: FormDep) -> Response:
    """Change what differs from what it is."""
    view = await here.view()
    wanted: dict[str, Any] = {"by": _CUSTOMER}
    if field(form, "method") in set(Method) - {view.handover.method}:
        wanted["method"] = field(form, "method")
    if field(form, "resolution") in set(Resolution) - CHOSEN_ITEMS - {view.settlement.resolution}:
        wanted["resolution"] = field(form, "resolution")
    return await here.change(form, wanted, "change") if len(wanted) > 1 else here.redirect()


@router.post("/returns/{return_id}/pickup")
async def choose_slot(here: PageDep, form: FormDep) -> Response:
    """Choose when the carrier comes."""
    start, _, end = field(form, "slot").partition("/")
    try:
        wanted = ChangeRequest.model_validate({"by": _CUSTOMER, "pickup_slot": {"start": start, "end": end}})
    except ValidationError:
        raise HTTPException(422) from None
    return await here.change(form, wanted, "slot")


@router.get("/returns/{return_id}/pickup")
@router.get("/returns/{return_id}/estimate")
async def back(here: PageDep) -> Response:
    """Somebody loads the page of a refusal again, by its address."""
    return here.redirect()


@router.get("/returns/{return_id}/cancel")
async def ask_to_cancel(here: PageDep) -> Response:
    """Ask whether they mean it."""
    view = await here.view()
    if not progress_of(view, here.own.request).can_change:
        return await here.refused("cancel")
    return page(here.request, "customer/cancel.html", view=view, request_id=uuid4().hex)


@router.post("/returns/{return_id}/cancel")
async def cancel(here: PageDep, form: FormDep) -> Response:
    """Call it off."""

    async def act(request_id: str) -> None:
        await here.services.homeward.cancel(here.own.return_id, Cancel(by=_CUSTOMER), request_id)

    return await here.act(form, act, "cancel")


@router.post("/returns/{return_id}/estimate")
async def answer_estimate(here: PageDep, form: FormDep) -> Response:
    """Say yes or no to what a repair costs."""
    answer, unit_id = field(form, "answer"), field(form, "unit")
    if answer not in ("yes", "no"):
        raise HTTPException(422)

    # What another return's unit costs is nobody's here to answer.
    if unit_id not in {unit.unit_id for unit in (await here.view()).units}:
        raise HTTPException(404)

    async def act(request_id: str) -> None:
        message = EstimateAnswer(by=_CUSTOMER, accepted=answer == "yes")
        try:
            await here.services.repairs.answer_estimate(here.own.return_id, unit_id, message, request_id)
        except (NotAllowed, UnknownRepair):
            if await _answer_of(here, unit_id) != answer:
                raise

    return await here.act(form, act, f"estimate.{await _answer_of(here, unit_id)}")


async def _answer_of(here: ReturnPage, unit_id: str) -> Literal["yes", "no", "none"]:
    """What was said to the price of a repair."""
    with suppress(NotAllowed, UnknownRepair):
        for entry in reversed((await here.services.repairs.view(here.own.return_id, unit_id)).timeline):
            if entry.event in _ANSWERS:
                return _ANSWERS[entry.event]
    return "none"


_ANSWERS: Final[dict[str, Literal["yes", "no"]]] = {"estimate_accepted": "yes", "estimate_refused": "no"}


@router.get("/returns/{return_id}/charge")
async def count_fewer(here: PageDep, keep: Annotated[list[int] | None, Query(max_length=500)] = None) -> Response:
    """What fewer pieces would cost: ``keep`` says how many of each that the exchange brings."""
    view = await here.view()
    asked = view.settlement.asked
    if asked is None:
        return await here.refused(f"charge.{_chosen(view)}")
    if keep is None:
        return here.redirect()
    try:
        kept = _kept(asked, keep)
    except (Refused, ValidationError):
        return await here.refused("pieces")
    return page(
        here.request,
        "customer/fewer.html",
        view=view,
        kept=kept,
        cost=cost_of(here.own.request, asked, kept),
        titles=await here.titles(),
        request_id=uuid4().hex,
    )


@router.post("/returns/{return_id}/charge")
async def answer_charge(here: PageDep, form: FormDep) -> Response:
    """Pay what the exchange costs more, take fewer pieces, or have money instead."""
    answer = field(form, "answer")
    amount = _number(field(form, "amount"))
    said: dict[str, Any] = {"by": _CUSTOMER, "accepted": answer in ("pay", "fewer"), "amount": amount}
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
        answered = sending(here.request, request_id, message.model_dump(mode="json"))
        await here.services.homeward.answer_charge(here.own.return_id, message, answered.id)

    return await here.act(form, act, f"charge.{_chosen(await here.view())}")


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
        "declined": declined_of(view, request.order, policy),
        "words": words_of(view),
        "cost": cost_of_way_back(view, request, policy),
        "days": Days(policy.clock.timezone),
        "titles": titles,
        "instead": [name for name in MONEY_ONLY if name is MONEY_BACK or name in policy.eligibility.resolutions],
        "tenders": {tender.tender_id: tender.kind for tender in request.order.tenders},
        "window_days": policy.eligibility.window_days,
        "now": datetime.now(UTC),
        "path_of": path_of(request.order.order_id),
    }


def _items(view: View, own: OwnReturn) -> list[Item]:
    """What it brings back now; the reasons as they were given first."""
    reasons = {item.line_id: item.reason for item in own.request.items}
    counts = Counter(unit.line_id for unit in view.units)
    return [
        Item(line_id=line_id, quantity=count, reason=reasons.get(line_id, Reason.OTHER))
        for line_id, count in counts.items()
    ]
