"""Loss claims: money from the carrier for a parcel that it has lost."""

from pydantic import AwareDatetime, BaseModel
from temporalio import activity

from activities.shared.effects import AtPartner, once_at_partner
from activities.shared.errors import application_errors
from gateways.carrier.protocol import Carrier, Loss
from gateways.database import ledger
from gateways.database.engine import Database


class LossInput(BaseModel):
    """A parcel that the carrier says it has lost; ``amount`` in minor units."""

    return_id: str
    step: str
    tracking_code: str
    amount: int
    currency: str
    now: AwareDatetime


class LossClaimActivities:
    """One effect, on the carrier."""

    def __init__(self, database: Database, carrier: Carrier) -> None:
        self._database = database
        self._carrier = carrier

    @activity.defn
    async def file_claim(self, given: LossInput) -> str:
        """Claim the loss from the carrier, once; gives the claim's id."""
        key = ledger.key(given.return_id, given.step)
        claiming = AtPartner(
            ask=lambda: self._carrier.find_claim(key),
            do=lambda: self._carrier.file_claim(Loss(given.tracking_code, given.amount, given.currency), key),
            record=lambda _, claim: {"claim": claim},
        )
        request = {"tracking_code": given.tracking_code, "amount": given.amount}
        effect = ledger.Effect(given.return_id, given.step, request)
        with application_errors("carrier"):
            done = await once_at_partner(self._database, effect, given.now, lambda _: claiming)
            return str((done or {})["claim"])
