"""Loss claims: money from the carrier for a parcel that it has lost."""

from temporalio import activity

from activities.returns.labels import CarrierActivities
from activities.shared.effects import AtPartner, StepInput
from gateways.carrier.protocol import Loss


class LossInput(StepInput):
    """A parcel that the carrier says it has lost; ``amount`` in minor units."""

    tracking_code: str
    amount: int
    currency: str


class LossClaimActivities(CarrierActivities):
    """Loss claims."""

    @activity.defn
    async def file_claim(self, given: LossInput) -> str:
        """Claim the loss from the carrier, once; gives the claim's id."""
        loss = Loss(given.tracking_code, given.amount, given.currency)
        claiming = AtPartner(
            asked={"tracking_code": given.tracking_code, "amount": given.amount},
            ask=self._carrier.find_claim,
            do=lambda key: self._carrier.file_claim(loss, key),
            record=lambda _, claim: {"claim": claim},
        )
        return str((await self._effects.at_partner(given, claiming))["claim"])
