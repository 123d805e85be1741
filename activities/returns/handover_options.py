"""Handover options besides a label by mail: a pickup at the door, a drop-off point with a code."""

from dataclasses import asdict
from typing import Any

from pydantic import AwareDatetime
from sqlalchemy import Connection
from temporalio import activity

from activities.returns.labels import BoughtLabel, CarrierActivities, HandoverInput
from activities.shared.effects import AtPartner
from activities.shared.errors import application_errors
from activities.shared.return_mails import write_mail
from gateways.carrier.protocol import DropOffCode, PickupBooking
from gateways.database import ledger
from gateways.database.figures import facts
from gateways.database.lookup import keep_codes
from lifecycle.contract.request import Method
from lifecycle.contract.times import TimeWindow
from lifecycle.figures.facts import label


class PickupInput(HandoverInput):
    """The window that the customer chose."""

    slot: TimeWindow


class BookedPickup(BoughtLabel):
    """A pickup that is booked, and the parcel that goes with it."""

    start: AwareDatetime
    end: AwareDatetime


class DropOffAnswer(BoughtLabel):
    """A code to show at any of the points, nearest first."""

    code: str
    points: list[dict[str, str | None]]


class HandoverActivities(CarrierActivities):
    """Pickups, and drop-off codes."""

    @activity.defn
    async def offer_pickup(self, given: HandoverInput) -> list[TimeWindow]:
        """When the carrier can come; changes nothing."""
        with application_errors("carrier"):
            return await self._carrier.pickup_slots(await self._order(given.return_id), given.now)

    @activity.defn
    async def book_pickup(self, given: PickupInput) -> BookedPickup:
        """Book the pickup, once, and write the mail that says when; ``Declined`` for a window not offered."""
        order = await self._order(given.return_id)
        booking = AtPartner(
            asked=given.slot.model_dump(mode="json"),
            ask=lambda key: self._carrier.find_pickup(order, key),
            do=lambda key: self._carrier.book_pickup(order, given.slot, key, given.now),
            record=lambda connection, booked: self._record_pickup(connection, given, booked),
        )
        return BookedPickup.model_validate(await self._effects.at_partner(given, booking))

    def _record_pickup(self, connection: Connection, given: PickupInput, booking: PickupBooking) -> ledger.Result:
        booked = BookedPickup.model_validate(booking, from_attributes=True)
        facts.of_return(connection, given.return_id, [label(given.step, given.now, "pickup", booking.cost)])
        window = TimeWindow(start=booking.start, end=booking.end)
        mailed = {"slot": window.interval, "tracking_code": booking.tracking_code, "method": Method.PICKUP}
        return self._keep(connection, given, booked, "pickup_booked", mailed)

    @activity.defn
    async def create_drop_off_code(self, given: HandoverInput) -> DropOffAnswer:
        """Get a code to leave the parcel with at a point, once, and write the mail that brings it."""
        order = await self._order(given.return_id)
        coding = AtPartner(
            asked={},
            ask=lambda key: self._carrier.find_drop_off_code(order, key),
            do=lambda key: self._carrier.create_drop_off_code(order, key),
            record=lambda connection, made: self._record_code(connection, given, made),
        )
        return DropOffAnswer.model_validate(await self._effects.at_partner(given, coding))

    def _record_code(self, connection: Connection, given: HandoverInput, made: DropOffCode) -> ledger.Result:
        answer = DropOffAnswer(
            tracking_code=made.tracking_code,
            label_url=made.label_url,
            code=made.code,
            points=[asdict(point) for point in made.points],
        )
        facts.of_return(connection, given.return_id, [label(given.step, given.now, "drop_off", made.cost)])
        points = [f"{point.name}, {point.line1}" for point in made.points]
        mailed = {"code": made.code, "points": points, "method": Method.DROP_OFF}
        return self._keep(connection, given, answer, "drop_off_code", mailed, made.tracking_code)

    def _keep(
        self,
        connection: Connection,
        given: HandoverInput,
        answer: BoughtLabel,
        template: str,
        values: dict[str, Any],
        label_of: str | None = None,
    ) -> ledger.Result:
        write_mail(connection, given, self._shop(), template, {"cost": given.cost, **values}, label_of=label_of)
        keep_codes(connection, "parcel", [answer.tracking_code], given.return_id)
        return answer.model_dump(mode="json")
