"""What partners list of what was made with our keys, page by page, and our own books of the same returns."""

from dataclasses import replace
from datetime import timedelta

from gateways.carrier.easypost import EasyPostCarrier
from gateways.carrier.protocol import Carrier
from gateways.database import ledger
from gateways.database.engine import Database
from gateways.database.ledger import Effect
from gateways.database.orders import payment_references
from gateways.database.reconciliation import books, findings
from gateways.database.returns import records
from gateways.payment.protocol import Payments
from gateways.payment.stripe import StripePayments
from gateways.sandbox.carrier import SandboxCarrier
from gateways.sandbox.payment import SandboxPayments
from gateways.several_partners.carrier import RoutedCarrier
from gateways.several_partners.payment import RoutedPayments
from lifecycle.contract.messages import TrackingStatus
from lifecycle.contract.statuses import Status
from lifecycle.reconciliation.acknowledge import AcknowledgeFinding
from lifecycle.reconciliation.finding import Finding, finding
from lifecycle.reconciliation.outside import MadeParcel, MadePayment
from tests.gateways.carrier.easypost_stand_in import EasyPostStandIn
from tests.gateways.partner_requests import NOW, charge_order, hold_order, label_order, outbound_order, refund_order
from tests.gateways.payment.stripe_stand_in import StripeStandIn
from tests.workflows.returns.play import make_request

BEFORE = NOW - timedelta(days=1)


async def _paid(payments: Payments) -> dict[str, MadePayment]:
    return {one.reference: one async for one in payments.made_since(BEFORE)}


async def _sent(carrier: Carrier) -> dict[str, MadeParcel]:
    return {one.key: one async for one in carrier.made_since(BEFORE)}


async def _make_all(payments: Payments, payment: str) -> dict[str, tuple[str, str, str | None, int, str]]:
    """Two refunds, a charge and three holds; what each is listed as."""
    refunds = [await payments.refund(refund_order(payment, 400), f"return-R-1/refund-t{number}") for number in (1, 2)]
    charge = await payments.charge(charge_order(payment, 500), "return-R-1/charge-t1")
    holds = [await payments.hold(hold_order(payment), f"return-R-{number}/place_hold") for number in (1, 2, 3)]
    await payments.release_hold(holds[1].reference)
    await payments.capture_hold(holds[2].reference, 4400, NOW)
    expected: dict[str, tuple[str, str, str | None, int, str]] = {
        charge.reference: ("charge", "return-R-1/charge-t1", None, 500, "succeeded")
    }
    for number, refund in enumerate(refunds, 1):
        expected[refund.reference] = ("refund", f"return-R-1/refund-t{number}", payment, 400, "succeeded")
    for number, (hold, state) in enumerate(zip(holds, ("held", "released", "captured"), strict=True), 1):
        expected[hold.reference] = ("hold", f"return-R-{number}/place_hold", None, 4400, state)
    return expected


def _plain(made: dict[str, MadePayment]) -> dict[str, tuple[str, str | None, str | None, int, str]]:
    return {name: (one.kind, one.key, one.payment, one.amount, one.state) for name, one in made.items()}


async def test_stripe_lists_what_was_made(stripe: StripeStandIn, at_stripe: StripePayments) -> None:
    payment = stripe.pay(13090)
    expected = await _make_all(at_stripe, payment)
    by_hand = await at_stripe.refund(refund_order(payment, 300), "dashboard")
    stripe.refunds[by_hand.reference]["metadata"] = {}
    made = await _paid(at_stripe)
    assert made.pop(by_hand.reference) == MadePayment(
        "refund", by_hand.reference, None, payment, 300, "succeeded", made[next(iter(made))].at
    )
    assert _plain(made) == expected
    assert len(stripe.sent("GET", "/v1/refunds")) > 2  # more than one page
    assert [one async for one in at_stripe.made_since(NOW + timedelta(days=999))] == []


async def test_the_sandbox_lists_what_was_made(database: Database) -> None:
    payments = SandboxPayments(database)
    expected = await _make_all(payments, "pi_1")
    assert _plain(await _paid(payments)) == expected


async def test_easypost_lists_what_was_paid_for(easypost: EasyPostStandIn, at_easypost: EasyPostCarrier) -> None:
    names = ("label", "void", "scanned", "kept")
    labels = {name: await at_easypost.buy_return_label(label_order(), f"return-R-1/{name}") for name in names}
    await at_easypost.void_label("return-R-1/void")
    easypost.scan(labels["scanned"].tracking_code)
    made = await _sent(at_easypost)
    assert {key: (one.tracking_code, one.usable) for key, one in made.items()} == {
        f"return-R-1/{name}": (label.tracking_code, name in ("label", "kept")) for name, label in labels.items()
    }


async def test_the_sandbox_lists_labels_and_parcels(database: Database) -> None:
    carrier = SandboxCarrier(database)
    labels = {name: await carrier.buy_return_label(label_order(), f"return-R-1/{name}") for name in ("a", "b", "c")}
    sent = await carrier.ship(outbound_order(), "return-R-1/ship")
    await carrier.void_label("return-R-1/b")
    await carrier.scan(labels["c"].tracking_code, TrackingStatus.ACCEPTED, NOW)
    made = await _sent(carrier)
    assert {key: one.usable for key, one in made.items()} == {
        "return-R-1/a": True,
        "return-R-1/b": False,
        "return-R-1/c": False,
        "return-R-1/ship": True,
    }
    assert made["return-R-1/ship"].tracking_code == sent.tracking_code


async def test_several_partners_are_listed_together(database: Database, easypost: EasyPostStandIn) -> None:
    sandbox, live = SandboxCarrier(database), EasyPostCarrier("EZTK1", f"{easypost.url}/v2")
    await sandbox.buy_return_label(label_order(), "return-R-1/a")
    await live.buy_return_label(label_order(), "return-R-1/b")
    several = RoutedCarrier(database, {"easypost": live, "sandbox": sandbox}, lambda *_: "sandbox")
    assert set(await _sent(several)) == {"return-R-1/a", "return-R-1/b"}
    await SandboxPayments(database).refund(refund_order("pi_1", 5), "return-R-1/refund-t1")
    payments = RoutedPayments(database, {"sandbox": SandboxPayments(database)}, lambda _: "sandbox")
    assert [one.key for one in (await _paid(payments)).values()] == ["return-R-1/refund-t1"]


async def test_our_own_books_of_many_returns(database: Database) -> None:
    one, two = make_request(), make_request(tender="pi_of_two")
    for request in (one, two):
        mine = request.return_id or ""
        await database.write(
            lambda connection, of=mine, asked=request: records.insert_return(  # type: ignore[misc]
                connection, of, asked, {}, Status.REQUESTED, NOW
            )
        )
        await ledger.once(database, Effect(mine, "restock", {}), lambda _: {"done": 1}, NOW)
    await database.write(lambda connection: payment_references.keep(connection, two.order))
    await database.write(
        lambda connection: records.claim_units(connection, "SO-none", "R-none", {"1-1": False, "1-2": False})
    )
    ids = [one.return_id or "", two.return_id or "", "R-none"]
    known = await books.books_of(database, ids)
    assert [(known[name].known, known[name].closed, known[name].claims) for name in ids] == [
        (True, False, 0),
        (True, False, 0),
        (False, False, 2),
    ]
    assert dict(known[ids[0]].effects["restock"].result) == {"done": 1}
    assert await books.known_among(database, ids) == set(ids[:2])
    assert await books.claiming(database, "", 10) == ["R-none"]
    assert await books.reserving(database, "", 10) == []
    assert await books.closed_since(database, (BEFORE, ""), 10) == []
    assert await books.returns_of_payments(database, ["pi_of_two", "pi_x"]) == {"pi_of_two": [(ids[1], NOW)]}


async def test_findings_are_kept_until_they_are_gone(database: Database) -> None:
    assert await findings.counted(database) == ({}, None)
    first, second = finding("hold_open", "R-1", "held", "ho_1"), finding("overpaid", "R-2", "too much")
    keep = findings.keep
    assert await database.write(lambda connection: keep(connection, [first, second], NOW)) == [first, second]
    await database.write(findings.mark_told)
    third = replace(first, subject="ho_2")
    later = NOW + timedelta(days=1)
    assert await database.write(lambda connection: keep(connection, [first, third], later)) == [third]
    assert await findings.counted(database) == ({"hold_open": 2}, later)
    assert await database.write(lambda connection: keep(connection, [], later)) == []
    assert await findings.counted(database) == ({}, later)


async def test_what_is_acknowledged_is_neither_counted_nor_told_until_it_changes(database: Database) -> None:
    first, second = finding("hold_open", "R-1", "held", "ho_1"), finding("hold_open", "R-1", "held", "ho_2")

    async def kept(*found: Finding) -> list[Finding]:
        return await database.write(lambda connection: findings.keep(connection, found, NOW))

    async def said(**how: object) -> list[str]:
        message = AcknowledgeFinding.model_validate(
            {"by": "sam", "why": "known", "return_id": "R-1", "kind": "hold_open", **how}
        )
        rows = await database.write(lambda connection: findings.acknowledge(connection, message, NOW))
        return sorted(row["subject"] for row in rows)

    await kept(first, second)
    assert await said(kind="overpaid") == []
    assert await said(subject="ho_1") == ["ho_1"]
    assert await kept(first, second) == [second]
    assert (await findings.counted(database))[0] == {"hold_open": 1}
    assert [row["acknowledged_by"] for row in await findings.listed(database, acknowledged=True)] == ["sam"]
    await database.write(findings.mark_told)

    # The one that changed is told once more, and counts again.
    changed = replace(first, text="holds more")
    assert await kept(changed, second) == [changed]
    assert [row["text"] for row in await findings.listed(database, acknowledged=False)] == ["holds more", "held"]
    assert await said() == ["ho_1", "ho_2"]
    assert (await findings.counted(database))[0] == {}
    assert await said(take_back=True) == ["ho_1", "ho_2"]
    assert (await findings.counted(database))[0] == {"hold_open": 2}
