"""Several partners of one kind: routes choose, and whoever made something hears of all that follows."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from gateways.carrier.easypost import EasyPostCarrier
from gateways.carrier.protocol import Carrier, Loss
from gateways.database import ledger
from gateways.database.engine import Database, rows_of
from gateways.database.returns import records
from gateways.errors import Declined, Unavailable
from gateways.sandbox.carrier import SandboxCarrier
from gateways.sandbox.carrier_offers import windows
from gateways.sandbox.tables import sandbox_refunds, sandbox_shipments
from gateways.several_partners.carrier import RoutedCarrier
from lifecycle.contract.request import Method
from lifecycle.contract.statuses import Status
from lifecycle.contract.tenders import TenderKind
from lifecycle.contract.times import TimeWindow
from tests.gateways.carrier.easypost_stand_in import EasyPostStandIn
from tests.gateways.partner_requests import NOW, charge_order, hold_order, label_order, outbound_order, refund_order
from tests.gateways.payment.stripe_stand_in import StripeStandIn
from tests.workflows.returns.play import make_request
from workers.partner_table import carrier_of, payments_of
from workers.setting_values import CarrierRoute, PaymentRoute
from workers.settings import Settings

PICKUPS_APART = [CarrierRoute(partner="sandbox", methods=frozenset({Method.PICKUP}))]
ABROAD_APART = [CarrierRoute(partner="sandbox", countries=frozenset({"CA"}))]


def _settings(easypost: EasyPostStandIn, routes: list[CarrierRoute]) -> Settings:
    return Settings(easypost_key="EZTK1", easypost_url=f"{easypost.url}/v2", carrier_routes=routes)


def _carriers(easypost: EasyPostStandIn, database: Database, routes: list[CarrierRoute]) -> Carrier:
    carrier = carrier_of(_settings(easypost, routes), database)
    assert isinstance(carrier, RoutedCarrier)
    return carrier


async def _begin(database: Database, step: str) -> str:
    """What stands in the ledger before a partner is called; gives the key."""
    effect = ledger.Effect("R-1", step, {})
    await database.write(lambda connection: ledger.begin(connection, effect, NOW))
    return effect.key


async def _at_sandbox(database: Database) -> list[tuple[str, str]]:
    rows = await rows_of(database, select(sandbox_shipments).order_by(sandbox_shipments.c.key))
    return [(row["kind"], row["state"]) for row in rows]


def _slot() -> TimeWindow:
    return windows(NOW)[0]


async def test_the_method_chooses_and_a_void_goes_to_the_maker(
    database: Database, other: Database, easypost: EasyPostStandIn
) -> None:
    carrier = _carriers(easypost, database, PICKUPS_APART)
    label, pickup = await _begin(database, "label"), await _begin(database, "pickup")
    bought = await carrier.buy_return_label(label_order(), label)
    booked = await carrier.book_pickup(label_order(), _slot(), pickup, NOW)
    assert [made["tracking_code"] for made in easypost.shipments] == [bought.tracking_code]
    assert await _at_sandbox(database) == [("pickup", "bought")]

    # Another process, with other routes: what was made stays its maker's.
    later = _carriers(easypost, other, [CarrierRoute(partner="sandbox")])
    assert await later.find_label(label_order(), label) == bought
    assert await later.find_pickup(label_order(), pickup) == booked
    assert (await later.label_file(bought.tracking_code)).content.startswith(b"%PDF-1.4 a label")
    assert (await later.label_file(booked.tracking_code)).filename == "return-label.pdf"
    assert await later.void_label(label)
    assert easypost.shipments[0]["refund_status"] == "submitted"
    assert await later.void_label(pickup)
    assert await _at_sandbox(database) == [("pickup", "voided")]


async def test_the_country_chooses_parcels_both_ways(database: Database, easypost: EasyPostStandIn) -> None:
    carrier = _carriers(easypost, database, ABROAD_APART)
    for step, country in (("home", "US"), ("abroad", "CA")):
        order, parcel = label_order(), outbound_order()
        order.sender.home.country = parcel.to.home.country = country
        await carrier.create_drop_off_code(order, await _begin(database, f"drop-off-{step}"))
        await carrier.ship(parcel, await _begin(database, f"ship-{step}"))
        assert len(await carrier.drop_off_points(order)) == (1 if country == "US" else 4)
    assert len(easypost.shipments) == 2
    assert await _at_sandbox(database) == [("drop_off", "bought"), ("outbound", "bought")]


async def test_a_loss_is_claimed_from_whoever_carried_the_parcel(database: Database, easypost: EasyPostStandIn) -> None:
    carrier = _carriers(easypost, database, [CarrierRoute(partner="sandbox")])
    bought = await carrier.buy_return_label(label_order(), await _begin(database, "label"))
    claim = await _begin(database, "claim")
    claimed = await carrier.file_claim(Loss(bought.tracking_code, 4000, "USD"), claim)
    assert await _carriers(easypost, database, PICKUPS_APART).find_claim(claim) == claimed
    assert easypost.claims == []


async def test_what_names_nobody_is_the_defaults(
    database: Database, easypost: EasyPostStandIn, at_easypost: EasyPostCarrier
) -> None:
    label = await _begin(database, "label")
    bought = await at_easypost.buy_return_label(label_order(), label)
    carrier = _carriers(easypost, database, [CarrierRoute(partner="sandbox")])
    assert await carrier.find_label(label_order(), label) == bought
    assert await carrier.void_label(label)
    assert easypost.shipments[0]["refund_status"] == "submitted"


async def test_a_code_that_an_operator_brought_is_looked_for_at_each(
    database: Database, easypost: EasyPostStandIn
) -> None:
    code = (await SandboxCarrier(database).buy_return_label(label_order(), "by-hand")).tracking_code
    carrier = _carriers(easypost, database, PICKUPS_APART)
    assert (await carrier.label_file(code)).content.startswith(b"%PDF")
    with pytest.raises(Declined, match="no label"):
        await carrier.label_file("unknown")


async def test_a_maker_that_is_not_set_up_any_more_is_named(database: Database, easypost: EasyPostStandIn) -> None:
    label = await _begin(database, "label")
    routed = RoutedCarrier(database, {"gone": SandboxCarrier(database)}, lambda *_: "gone")
    await routed.buy_return_label(label_order(), label)
    with pytest.raises(Unavailable, match="gone was asked for this before") as caught:
        await _carriers(easypost, database, PICKUPS_APART).void_label(label)
    assert caught.value.code == "partner_missing"


async def test_a_try_goes_on_where_an_earlier_one_was(database: Database, easypost: EasyPostStandIn) -> None:
    """The address fails at the first; the routes are changed, and what it did is not done again elsewhere."""
    carrier = _carriers(easypost, database, [CarrierRoute(partner="sandbox")])
    label = await _begin(database, "label")
    with pytest.raises(Unavailable):
        await carrier.buy_return_label(label_order(line2="fault:after:1"), label)
    again = _carriers(easypost, database, PICKUPS_APART)
    assert await again.find_label(label_order(), label)
    await again.buy_return_label(label_order(line2="fault:after:1"), label)
    assert easypost.shipments == []


async def _open(database: Database, card: str) -> None:
    """A return of an order that was paid with a card, and in another way that has no reference."""
    tenders = [
        {"tender_id": "t1", "kind": "card", "captured": 4000, "reference": card},
        {"tender_id": "t2", "kind": "other", "captured": 4000},
    ]
    request = make_request(return_id="R-1", tenders=tenders)
    await database.write(
        lambda connection: records.insert_return(connection, "R-1", request, {}, Status.REQUESTED, NOW)
    )


def _paying(stripe: StripeStandIn, *kinds: TenderKind) -> Settings:
    """Stripe, and the sandbox for tenders of these kinds."""
    routes = [PaymentRoute(partner="sandbox", tenders=frozenset(kinds))]
    return Settings(stripe_key="sk_test_1", stripe_url=stripe.url, payment_routes=routes)


async def test_the_kind_of_tender_chooses_who_pays_back(
    database: Database, other: Database, stripe: StripeStandIn
) -> None:
    card = stripe.pay(4000)
    await _open(database, card)
    to_card, to_other = await _begin(database, "refund-t1"), await _begin(database, "refund-t2")
    in_cash = replace(refund_order("R-1/t2", 4000), step="refund-t2", captured=4000)
    async with payments_of(_paying(stripe, TenderKind.OTHER), database) as payments:
        await payments.refund(refund_order(card, 4000), to_card)
        paid = await payments.refund(in_cash, to_other)
    [refund] = stripe.refunds.values()
    assert refund["metadata"]["homeward_key"] == to_card
    [row] = await rows_of(database, sandbox_refunds.select())
    assert (row["reference"], row["charge"]) == (paid.reference, "R-1/t2")

    # Another process, with other routes.
    async with payments_of(_paying(stripe, TenderKind.CARD), other) as payments:
        assert await payments.find_refund(in_cash, to_other) == paid
        assert await payments.refund_status(paid.reference) == paid
        assert (await payments.refund_status(refund["id"])).status == "succeeded"
        assert await payments.held(in_cash) == 0
        # The refund failed after all: who made it makes the one that takes its place.
        instead = replace(in_cash, step="refund-t2-2", replaces=paid.reference)
        await payments.refund(instead, await _begin(database, "refund-t2-2"))
    assert len(stripe.refunds) == 1


async def test_holds_and_charges_stay_with_whoever_made_them(
    database: Database, other: Database, stripe: StripeStandIn
) -> None:
    card = stripe.pay(4000)
    await _open(database, card)
    hold, charge = await _begin(database, "hold"), await _begin(database, "charge")
    async with payments_of(_paying(stripe, TenderKind.CARD), database) as payments:
        held = await payments.hold(hold_order(card), hold)
        charged = await payments.charge(charge_order(card), charge)
    made = len(stripe.intents)
    async with payments_of(_paying(stripe, TenderKind.OTHER), other) as payments:
        assert await payments.find_hold(hold, card) == held
        assert await payments.find_charge(charge, card) == charged
        assert (await payments.capture_hold(held.reference, 4400, NOW)).state == "captured"
        refund = await payments.refund(refund_order(held.reference, 400), await _begin(database, "refund-hold"))
        with pytest.raises(Declined) as caught:
            await payments.release_hold(held.reference)
    assert caught.value.code == "already_captured"
    [row] = await rows_of(database, sandbox_refunds.select())
    assert (row["reference"], row["charge"]) == (refund.reference, held.reference)
    assert len(stripe.intents) == made
