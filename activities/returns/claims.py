"""What a return holds of its order: units, money, pieces that came."""

from typing import Any

from sqlalchemy import Connection
from temporalio import activity

from activities.shared.effects import Effects, StepInput
from gateways.database import ledger
from gateways.database.engine import Database
from gateways.database.orders import order_money
from gateways.database.returns import pieces, records
from gateways.errors import Declined
from lifecycle.contract.policy import Policy
from lifecycle.returns.goods.pieces import SeenBefore
from lifecycle.returns.order_money import MoneyAnswer, MoneyWanted, grant


class ClaimsInput(StepInput):
    """``unit_ids`` to claim, with whether the seller is at fault; None gives all claims back.

    ``shipping``: the order's original shipping too, where no other return has it.
    """

    order_id: str
    unit_ids: dict[str, bool] | None = None
    shipping: bool = False


class MoneyInput(StepInput):
    """What the return would give back of its order's money.

    ``last_units``: its units, where the order may be whole with them; then ``shipping``, the order's original
    shipping, is wanted too.
    """

    wanted: MoneyWanted
    last_units: list[str] | None = None
    shipping: int = 0
    as_credit: bool = False


class PiecesInput(StepInput):
    """The serial numbers of units that came, by unit id."""

    order_id: str
    pieces: dict[str, str]


class ClaimActivities:
    """What is held, so that no other return has the same."""

    def __init__(self, database: Database) -> None:
        self._effects = Effects(database, "records")

    @activity.defn
    async def update_unit_claims(self, given: ClaimsInput) -> bool:
        """Take the units for this return, or give them back; refused when another return has one.

        Gives whether this return has the order's original shipping now.
        """
        asked = {"unit_ids": given.unit_ids}
        kept = await self._effects.in_database(given, asked, lambda connection: _update(connection, given))
        return bool(kept["shipping"])

    @activity.defn
    async def claim_money(self, given: MoneyInput) -> MoneyAnswer:
        """Let the return hold what it would give back, as far as the order has it left."""
        asked = {"wanted": given.wanted.model_dump(mode="json")}
        kept = await self._effects.in_database(given, asked, lambda connection: _claim_money(connection, given))
        return MoneyAnswer.model_validate(kept)

    @activity.defn
    async def claim_pieces(self, given: PiecesInput) -> dict[str, SeenBefore]:
        """Note which pieces came as which units; gives those that came before in another return of the order."""

        def apply(connection: Connection) -> dict[str, Any]:
            seen = pieces.claim_pieces(connection, given.order_id, given.return_id, given.pieces)
            return {unit_id: before.model_dump(mode="json") for unit_id, before in seen.items()}

        kept = await self._effects.in_database(given, {"pieces": given.pieces}, apply)
        return {unit_id: SeenBefore.model_validate(before) for unit_id, before in kept.items()}


def _update(connection: Connection, given: ClaimsInput) -> ledger.Result:
    if given.unit_ids is None:
        records.release_claims(connection, given.return_id)
        order_money.release(connection, given.return_id)
        return {"shipping": False}
    _claim(connection, given, given.unit_ids)
    return {"shipping": given.shipping and records.claim_shipping(connection, given.order_id, given.return_id)}


def _claim(connection: Connection, given: ClaimsInput, unit_ids: dict[str, bool]) -> None:
    """Another try would find the units taken again: an operator has to say whose they are."""
    records.release_claims(connection, given.return_id)
    try:
        records.claim_units(connection, given.order_id, given.return_id, unit_ids)
    except records.UnitsTaken as error:
        raise Declined(str(error), error.code) from error


def _claim_money(connection: Connection, given: MoneyInput) -> ledger.Result:
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
