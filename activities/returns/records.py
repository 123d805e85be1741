"""The return's own records: its claims, its mails without another effect, its final view."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel
from sqlalchemy import Connection
from temporalio import activity

from activities.shared.errors import application_errors
from activities.shared.mails import write_mail
from gateways.database import failing_steps, ledger
from gateways.database.engine import Database
from gateways.database.messages import events
from gateways.database.orders import order_money
from gateways.database.returns import pieces, records
from gateways.errors import Declined
from lifecycle.contract.policy import Policy, Shop
from lifecycle.contract.view import View
from lifecycle.returns.eligibility import SHIPPING
from lifecycle.returns.goods.pieces import SeenBefore
from lifecycle.returns.order_money import MoneyAnswer, MoneyWanted, OrderMoney, grant
from lifecycle.returns.views.events import event_batch_of_view


class ClaimsInput(BaseModel):
    """``unit_ids`` to claim, with whether the seller is at fault; None gives all claims back.

    ``shipping``: the order's original shipping too, where no other return has it.
    """

    return_id: str
    order_id: str
    step: str
    unit_ids: dict[str, bool] | None = None
    shipping: bool = False
    now: AwareDatetime


class MoneyInput(BaseModel):
    """What the return would give back of its order's money.

    ``last_units``: its units, where the order may be whole with them; then ``shipping``, the order's original
    shipping, is wanted too.
    """

    return_id: str
    step: str
    wanted: MoneyWanted
    last_units: list[str] | None = None
    shipping: int = 0
    as_credit: bool = False
    now: AwareDatetime


class PiecesInput(BaseModel):
    """The serial numbers of units that came, by unit id."""

    return_id: str
    order_id: str
    step: str
    pieces: dict[str, str]
    now: AwareDatetime


class WriteMailInput(BaseModel):
    """One mail, by template. Values hold no personal data; amounts in minor units."""

    return_id: str
    step: str
    template: str
    to: Literal["customer", "operations"]
    values: dict[str, Any]
    now: AwareDatetime


class CloseInput(BaseModel):
    """The view as it will be shown once Temporal has forgotten the return, and the state to go on from."""

    return_id: str
    step: str
    view: View
    state: dict[str, Any]
    #: The order's shipping that it held was not given back: another return may.
    frees_shipping: bool = False
    #: Units that are back for good.
    back: list[str] = []
    #: Units that are back with the customer, each with whether it was rejected: they may be asked for again.
    freed: dict[str, bool] = {}
    #: What it has given back of the order's money; None where nobody has counted it.
    given: OrderMoney | None = None
    now: AwareDatetime


class ReopenInput(BaseModel):
    """A closed return goes on in a new run."""

    return_id: str
    step: str
    now: AwareDatetime


class RecordsActivities:
    """Steps that touch only our own database. ``publishes``: there are subscribers.

    ``front_door`` is where customers reach the portal, for links in mails.
    """

    def __init__(
        self, database: Database, shop: Callable[[], Shop], front_door: str, *, publishes: bool = False
    ) -> None:
        self._database = database
        self._shop = shop
        self._front_door = front_door
        self._publishes = publishes

    @activity.defn
    async def update_unit_claims(self, given: ClaimsInput) -> bool:
        """Take the units for this return, or give them back; refused when another return has one.

        Gives whether this return has the order's original shipping now.
        """

        def apply(connection: Connection) -> dict[str, Any]:
            if given.unit_ids is None:
                records.release_claims(connection, given.return_id)
                order_money.release(connection, given.return_id)
                return {"shipping": False}
            _claim(connection, given, given.unit_ids)
            return {"shipping": given.shipping and records.claim_shipping(connection, given.order_id, given.return_id)}

        effect = ledger.Effect(given.return_id, given.step, {"unit_ids": given.unit_ids})
        with application_errors("records"):
            kept = await ledger.once(self._database, effect, apply, given.now)
            return bool(kept["shipping"])

    @activity.defn
    async def claim_money(self, given: MoneyInput) -> MoneyAnswer:
        """Let the return hold what it would give back, as far as the order has it left."""

        def apply(connection: Connection) -> dict[str, Any]:
            order = records.request_in(connection, given.return_id).order
            records.alone(connection, order.order_id)
            known = order_money.books(connection, order.order_id, given.return_id)
            whole = given.last_units is not None and records.claim_shipping_if_whole(
                connection, order, given.return_id, given.last_units
            )
            wanted = given.wanted
            if whole:
                wanted = wanted.with_shipping(given.shipping, as_credit=given.as_credit)
            policy = Policy.model_validate(records.policy_in(connection, given.return_id) or {})
            held = grant(order, known, policy.money.tender_order, wanted)
            order_money.claim(connection, given.return_id, order, known, held, given.now)
            return MoneyAnswer(claim=held, shipping=whole).model_dump(mode="json")

        effect = ledger.Effect(given.return_id, given.step, {"wanted": given.wanted.model_dump(mode="json")})
        with application_errors("records"):
            return MoneyAnswer.model_validate(await ledger.once(self._database, effect, apply, given.now))

    @activity.defn
    async def claim_pieces(self, given: PiecesInput) -> dict[str, SeenBefore]:
        """Note which pieces came as which units; gives those that came before in another return of the order."""

        def apply(connection: Connection) -> dict[str, Any]:
            seen = pieces.claim_pieces(connection, given.order_id, given.return_id, given.pieces)
            return {unit_id: before.model_dump(mode="json") for unit_id, before in seen.items()}

        effect = ledger.Effect(given.return_id, given.step, {"pieces": given.pieces})
        with application_errors("records"):
            kept = await ledger.once(self._database, effect, apply, given.now)
            return {unit_id: SeenBefore.model_validate(before) for unit_id, before in kept.items()}

    @activity.defn
    async def write_mail(self, given: WriteMailInput) -> None:
        """Write a mail that no other effect carries."""

        def apply(connection: Connection) -> dict[str, Any]:
            write_mail(
                connection,
                records.request_in(connection, given.return_id),
                self._shop(),
                return_id=given.return_id,
                step=given.step,
                template=given.template,
                at=given.now,
                to=given.to,
                link=f"{self._front_door}/returns/{given.return_id}",
                **given.values,
            )
            return {}

        effect = ledger.Effect(given.return_id, given.step, {"template": given.template})
        with application_errors("records"):
            await ledger.once(self._database, effect, apply, given.now)

    @activity.defn
    async def close_return(self, given: CloseInput) -> None:
        """Store the final view; a return is shown from it long after Temporal has forgotten it.

        Events of one that was begun before there were subscribers are published now.
        """

        def apply(connection: Connection) -> dict[str, Any]:
            records.close_return(connection, given.return_id, given.view, given.state, given.now)
            failing_steps.forget_waiting(connection, given.return_id)
            if self._publishes:
                events.write(connection, event_batch_of_view(given.view), datetime.now(UTC))
            if given.frees_shipping:
                records.release_claims(connection, given.return_id, SHIPPING)
            records.mark_back(connection, given.return_id, dict.fromkeys(given.back, True))
            pieces.free_units(connection, given.return_id, given.freed, given.now)
            if given.given is not None:
                order_money.settle(connection, given.return_id, given.given)
            return {}

        effect = ledger.Effect(given.return_id, given.step, {})
        with application_errors("records"):
            await ledger.once(self._database, effect, apply, given.now)

    @activity.defn
    async def reopen_return(self, given: ReopenInput) -> None:
        """Let the workflow be asked again, instead of what was kept of it."""

        def apply(connection: Connection) -> dict[str, Any]:
            records.reopen_return(connection, given.return_id)
            return {}

        effect = ledger.Effect(given.return_id, given.step, {})
        with application_errors("records"):
            await ledger.once(self._database, effect, apply, given.now)


def _claim(connection: Connection, given: ClaimsInput, unit_ids: dict[str, bool]) -> None:
    """Another try would find the units taken again: an operator has to say whose they are."""
    records.release_claims(connection, given.return_id)
    try:
        records.claim_units(connection, given.order_id, given.return_id, unit_ids)
    except records.UnitsTaken as error:
        raise Declined(str(error), error.code) from error
