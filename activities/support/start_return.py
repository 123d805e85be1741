"""A support case that becomes a return: its request drafted from what is known, and started once."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from itertools import count
from typing import Any, Final

from pydantic import AwareDatetime, BaseModel
from temporalio import activity
from temporalio.client import Client

from activities.shared.errors import application_errors
from client.errors import HomewardError, InvalidInput, NotAllowed, Orphaned, OtherRequest
from client.rehearsal import declined, would_decline
from client.returns import Homeward
from gateways.database.engine import Database
from gateways.database.returns import records
from gateways.database.returns.records import StoredReturn
from gateways.database.support import cases
from gateways.errors import Declined, Unavailable
from gateways.orders.protocol import Orders, search
from lifecycle.contract.errors import InvalidRequest
from lifecycle.contract.mailboxes import same_mailbox
from lifecycle.contract.policy import Policy
from lifecycle.contract.request import Channel, Item, Order, Reason, ReturnRequest, parse_request
from lifecycle.contract.sizes import check_return
from lifecycle.contract.statuses import ENDED_UNSETTLED, Status
from lifecycle.support.messages import WantedReturn

#: How long the return's own workers may take to decide.
_PATIENCE = timedelta(seconds=8)
#: Why no return is made of somebody else's order.
OTHERS_ORDER = (
    "the question came from another address than the order's customer has: "
    "say `anyway` (on the command line --anyway) if it is theirs all the same"
)
#: Lines of an order that a refusal names.
_NAMED = 20
#: What the same return may say otherwise: an order's refunds and returns go on, some of them by the return itself.
_OTHERWISE: Final[Mapping[str, Any]] = {
    "return_id": True,
    "channel": True,
    "order": {
        "tenders": {"__all__": {"refunded"}},
        "lines": {"__all__": {"returned_quantity", "refunded_total"}},
        "shipping": {"refunded_total"},
    },
}


class StartReturnInput(BaseModel):
    """What is known of the return that a case becomes; ``order_id`` is the case's own.

    ``return_id`` is the id that it has unless that is taken; ``about`` is the return that was asked about. Not
    ``anyway``: of an order whose customer has the address that asked alone. ``vouched_by`` is the API key whose
    word stands for an order that ``wanted`` brings.
    """

    case_id: str
    return_id: str
    wanted: WantedReturn
    channel: Channel
    order_id: str | None
    about: str | None = None
    anyway: bool = False
    vouched_by: str | None = None
    now: AwareDatetime


class StartedReturn(BaseModel):
    """The return, or why there is none."""

    return_id: str | None = None
    refused: str | None = None


class SupportReturnActivities:
    """``client`` is the one that starts returns, ``policy`` gives the one in force."""

    def __init__(self, client: Client, database: Database, orders: Orders, policy: Callable[[], Policy]) -> None:
        self._homeward = Homeward(client, database, _PATIENCE)
        self._database = database
        self._orders = orders
        self._policy = policy

    @activity.defn
    async def start_return(self, given: StartReturnInput) -> StartedReturn:
        """Start the return and wait for the policy's decision; repeated, it is the same return.

        What is not a request, what the order service does not know and what the policy declines is refused
        with the reason, and begins nothing that the customer would hear of.
        """
        with application_errors("support"):
            try:
                drafted = await self._request(given)
                return_id, begun = await self._free_id(given.return_id, drafted)
                if begun:
                    return StartedReturn(return_id=return_id)
                request = drafted.model_copy(update={"return_id": return_id})
                refused = await self._refused(request, given) or await self._start(request)
            except (InvalidRequest, InvalidInput, NotAllowed, Declined) as error:
                return StartedReturn(refused=str(error))
            return StartedReturn(refused=refused) if refused else StartedReturn(return_id=return_id)

    async def _free_id(self, plain: str, drafted: ReturnRequest) -> tuple[str, bool]:
        """The first id that no other return has, and whether an earlier attempt has begun this one.

        One that ended unsettled keeps its id, and the case becomes another return.
        """
        for number in count(1):
            # Not ``{plain}-{number}``: that is the plain id of a case whose own id ends so.
            return_id = plain if number == 1 else plain.replace("-", f"{number}-", 1)
            known = await records.get_return(self._database, return_id)
            if known is None or (_asks_for(known, drafted) and await self._goes_on(return_id)):
                return return_id, known is not None
        raise AssertionError("numbers do not end")

    async def _goes_on(self, return_id: str) -> bool:
        """As it is now: the row's own status is that of the opening until the return closes."""
        try:
            return (await self._homeward.view(return_id)).status not in ENDED_UNSETTLED
        except HomewardError as error:
            raise Unavailable(f"return {return_id} does not say how it stands: {error}", "no_view") from error

    async def _start(self, request: ReturnRequest) -> str | None:
        """Start it as every return is started; why it is declined, where another took its units a moment before."""
        try:
            summary = (await self._homeward.start(request)).summary
        except (OtherRequest, Orphaned) as error:  # begun by somebody else a moment before: the next try sees it
            raise Unavailable(str(error), "id_taken") from error
        if summary.status is not Status.DECLINED:
            return None
        return declined((await self._homeward.view(summary.return_id)).decision)

    async def _request(self, given: StartReturnInput) -> ReturnRequest:
        order, vouched_by = given.wanted.order, given.vouched_by
        if order is None:
            order, vouched_by = await self._order(given)
        wanted = given.wanted.model_dump(mode="json", exclude={"order", "order_id", "items"}, exclude_none=True)
        items = given.wanted.items or _the_only_unit(order)
        draft = {
            **wanted,
            "return_id": given.return_id,
            "vouched_by": vouched_by,
            "order": order.model_dump(mode="json"),
            "items": [item.model_dump(mode="json") for item in items],
            "channel": given.channel.value,
        }
        request = parse_request(draft, now=given.now)
        check_return(request)
        return request

    async def _order(self, given: StartReturnInput) -> tuple[Order, str | None]:
        """The order that is named, else the one of the return that was asked about, and the key that vouched for it."""
        named = given.wanted.order_id or given.order_id
        about = await records.get_return(self._database, given.about) if given.about and not named else None
        order_id = about.order_id if about else named
        if order_id is None:
            raise InvalidRequest([("order", "expected the order: the case names none")])
        async for found in search(self._orders, order_id):
            return found.order, None
        if about:  # a return may have brought an order of its own
            brought = ReturnRequest.model_validate(about.request)
            return brought.order, brought.vouched_by
        raise InvalidRequest([("order", f"expected an order that the shop knows, not {order_id}")])

    async def _refused(self, request: ReturnRequest, given: StartReturnInput) -> str | None:
        """Why it is not theirs to ask for, or the policy declines it; None when neither is so."""
        known = await cases.get_case(self._database, given.case_id)
        email = request.order.customer.email
        if known and not given.anyway and not (email and same_mailbox(known.request.email, email)):
            return OTHERS_ORDER
        return await would_decline(self._database, self._policy(), request, given.now)


def _asks_for(known: StoredReturn, drafted: ReturnRequest) -> bool:
    """Whether the return that has the id already is the one that is drafted: a caller may have chosen its id."""
    asked = ReturnRequest.model_validate(known.request)
    return asked.model_dump(exclude=_OTHERWISE) == drafted.model_dump(exclude=_OTHERWISE)


def _the_only_unit(order: Order) -> list[Item]:
    """What comes back where nobody said; raises ``InvalidRequest`` when the order leaves a choice."""
    [line, *others] = order.lines
    if others or line.quantity != 1:
        units = sum(line.quantity for line in order.lines)
        named = [f"{line.quantity} of line {line.line_id} ({line.title or line.sku})" for line in order.lines]
        lines = ", ".join(named[:_NAMED] + ["..."] * (len(named) > _NAMED))
        raise InvalidRequest([("items", f"expected those of the order's {units} units that come back: {lines}")])
    return [Item(line_id=line.line_id, quantity=1, reason=Reason.OTHER)]
