"""Money on the customer's card: held, released, captured, charged."""

from typing import Any

from pydantic import AwareDatetime, BaseModel
from temporalio import activity

from activities.shared.effects import AtPartner, Effects, StepInput
from gateways.database import ledger
from gateways.database.engine import Database
from gateways.errors import Declined
from gateways.payment.protocol import Charge, ChargeOrder, HoldOrder, Payments


class CardInput(StepInput):
    """``amount`` in minor units, to hold on or to charge to the card that ``reference`` names."""

    tender_id: str
    reference: str | None
    amount: int
    currency: str

    @property
    def card(self) -> str:
        """What the provider knows the card by."""
        return self.reference or f"{self.return_id}/{self.tender_id}"


class PlacedHold(BaseModel):
    """A hold as the provider gave it."""

    reference: str
    expires_at: AwareDatetime


class ReleaseHoldInput(StepInput):
    """The hold that the step ``hold_step`` placed, if it placed one; ``reference`` where it is known.

    One with the reference ``keep`` is left as it is; ``card`` is what the provider knows the card by.
    """

    hold_step: str
    reference: str | None
    keep: str | None = None
    card: str | None = None


class CaptureInput(StepInput):
    """The hold to capture; ``amount`` in minor units."""

    reference: str
    amount: int


class MadeCharge(BaseModel):
    """A charge that was made; ``amount`` in minor units."""

    reference: str
    amount: int


class CardActivities:
    """One effect each, on the payment provider."""

    def __init__(self, database: Database, payments: Payments) -> None:
        self._effects = Effects(database, "payment")
        self._payments = payments

    @activity.defn
    async def place_hold(self, given: CardInput) -> PlacedHold:
        """Hold an amount on the card, once."""
        order = HoldOrder(given.return_id, given.step, given.card, given.amount, given.currency, given.now)
        placing = AtPartner(
            asked=_asked(given),
            ask=lambda key: self._payments.find_hold(key, given.card),
            do=lambda key: self._payments.hold(order, key),
            record=lambda _, hold: PlacedHold.model_validate(hold, from_attributes=True).model_dump(mode="json"),
        )
        return PlacedHold.model_validate(await self._effects.at_partner(given, placing))

    @activity.defn
    async def release_hold(self, given: ReleaseHoldInput) -> str:
        """Release a hold; gives the outcome: ``released``, ``captured``, or ``none`` where there was none."""
        releasing = AtPartner(
            asked={"hold_step": given.hold_step},
            do=lambda _: self._release_at_provider(given),
            record=lambda _, state: {"state": state},
        )
        return str((await self._effects.at_partner(given, releasing))["state"])

    async def _release_at_provider(self, given: ReleaseHoldInput) -> str:
        found = await self._payments.find_hold(ledger.key(given.return_id, given.hold_step), given.card)
        # An operator may have named another hold than the one that the step placed after all.
        known = {found.reference if found else None, given.reference} - {None, given.keep}
        states = [await self._release(reference) for reference in sorted(filter(None, known))]
        return "captured" if "captured" in states else "released" if "released" in states else "none"

    async def _release(self, reference: str) -> str:
        try:
            return (await self._payments.release_hold(reference)).state
        except Declined as error:
            if error.code == "already_captured":
                return "captured"
            if error.code == "not_found":
                return "none"
            raise

    @activity.defn
    async def capture_hold(self, given: CaptureInput) -> str:
        """Take what is held, once; gives the reference of what is a charge from now on."""
        capturing = AtPartner(
            asked={"amount": given.amount},
            do=lambda _: self._payments.capture_hold(given.reference, given.amount, given.now),
            record=lambda _, hold: {"reference": hold.reference},
        )
        return str((await self._effects.at_partner(given, capturing))["reference"])

    @activity.defn
    async def charge(self, given: CardInput) -> str:
        """Charge the card, once; gives the charge's reference."""
        return str((await self._effects.at_partner(given, self._charging(given)))["reference"])

    @activity.defn
    async def find_charge(self, given: CardInput) -> MadeCharge | None:
        """What came of a charge whose answer never came, by the ledger or else the provider; None for nothing."""
        found = await self._effects.find_at_partner(given, self._charging(given))
        return MadeCharge.model_validate({"amount": given.amount, **found}) if found else None

    def _charging(self, given: CardInput) -> AtPartner[Charge]:
        order = ChargeOrder(given.return_id, given.step, given.card, given.amount, given.currency)
        return AtPartner(
            asked=_asked(given),
            ask=lambda key: self._payments.find_charge(key, given.card),
            do=lambda key: self._payments.charge(order, key),
            record=lambda _, charge: {"reference": charge.reference, "amount": charge.amount},
        )


def _asked(given: CardInput) -> dict[str, Any]:
    return {"tender_id": given.tender_id, "amount": given.amount, "currency": given.currency}
