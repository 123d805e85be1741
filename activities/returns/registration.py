"""The activities of returns, by task queue."""

from activities.returns.card import CardActivities
from activities.returns.claims import ClaimActivities
from activities.returns.closed_returns import ClosedReturnActivities
from activities.returns.closing import ClosingActivities
from activities.returns.credit import CreditActivities
from activities.returns.handover_options import HandoverActivities
from activities.returns.labels import LabelActivities
from activities.returns.loss_claims import LossClaimActivities
from activities.returns.opening import OpeningActivities
from activities.returns.outbound import OutboundActivities
from activities.returns.payment import PaymentActivities
from activities.returns.reservations import ReservationActivities
from activities.returns.supplier_units import SupplierUnitActivities
from activities.shared.registration import Activities, ByQueue, Dependencies
from activities.shared.return_mails import MailActivities
from activities.shared.stock import StockActivities
from client.names import CARRIER_QUEUE, INVENTORY_QUEUE, PAYMENT_QUEUE, RETURNS_QUEUE


def activities_of(given: Dependencies) -> ByQueue:
    """One list for each queue that a return's steps run on."""
    outbound = OutboundActivities(given.database, given.carrier, given.inventory, given.shop)
    reservations = ReservationActivities(given.database, given.inventory)
    stock = StockActivities(given.database, given.inventory)
    suppliers = SupplierUnitActivities(given.client, given.database, given.inventory)
    in_stock: Activities = [
        stock.receive,
        stock.restock,
        reservations.reserve,
        reservations.unreserve,
        outbound.take_from_shelves,
    ]
    return {
        RETURNS_QUEUE: [*_on_records(given), *in_stock],
        CARRIER_QUEUE: [*_at_carrier(given), outbound.ship],
        PAYMENT_QUEUE: _at_provider(given),
        INVENTORY_QUEUE: [*in_stock, suppliers.send_to_supplier],
    }


def _on_records(given: Dependencies) -> Activities:
    database, shop = given.database, given.shop
    told = {"publishes": given.publishes, "itemizes": given.itemizes}
    opening = OpeningActivities(database, given.policy, given.orders, given.step_timeout, **told)
    claims, closing = ClaimActivities(database), ClosingActivities(database, publishes=given.publishes)
    credit = CreditActivities(database, shop)
    return [
        opening.open_return,
        opening.change_return,
        claims.update_unit_claims,
        claims.claim_pieces,
        claims.claim_money,
        MailActivities(database, shop, given.front_door).write_mail,
        credit.give_store_credit,
        credit.find_store_credit,
        closing.close_return,
        closing.reopen_return,
        ClosedReturnActivities(database).closed_summary,
    ]


def _at_carrier(given: Dependencies) -> Activities:
    carrier = given.database, given.carrier, given.shop
    labels, options = LabelActivities(*carrier), HandoverActivities(*carrier)
    return [
        labels.buy_return_label,
        labels.void_label,
        options.offer_pickup,
        options.book_pickup,
        options.create_drop_off_code,
        LossClaimActivities(*carrier).file_claim,
    ]


def _at_provider(given: Dependencies) -> Activities:
    payment = PaymentActivities(given.database, given.payments, given.shop)
    card = CardActivities(given.database, given.payments)
    return [
        payment.refund,
        payment.check_refund,
        payment.find_refund,
        card.place_hold,
        card.release_hold,
        card.capture_hold,
        card.charge,
        card.find_charge,
    ]
