"""What customers are told of costs, days and hours is so, whatever the policy; mails and pages say the same."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fastapi import Request

from gateways.database.messages.outbox import mails_of
from gateways.database.returns.records import policy_in
from gateways.language import OWN_CONTENT
from lifecycle.contract.grades import Grade
from lifecycle.contract.policy import MoneyRules, Policy
from lifecycle.contract.request import Method
from lifecycle.contract.statuses import Status
from lifecycle.contract.times import TimeWindow
from lifecycle.returns.fees import PER_RETURN, PER_UNIT
from starter.portal.customer.my_return import shown_of
from starter.portal.shared.formats import Days
from starter.portal.shared.pages import page
from tests.workflows.policies.shop import Shop, brought_home
from tests.workflows.returns.play import Play
from workers.faq_files import read_answers
from workers.settings import Settings

FREE = "Sending it back is free."
GIFT_CARD = [{"tender_id": "g", "kind": "gift_card", "captured": 8000}]


async def mail(shop: Shop, story: Play, template: str) -> str:
    """The text of the newest such mail, its lines joined."""
    await story.until_mail(template, "sent")
    texts = [one["text"] for one in await mails_of(shop.stage.db, story.return_id) if one["template"] == template]
    assert texts[-1].endswith("\n\nDemo Shop\n")
    return " ".join(texts[-1].split())


async def shown(shop: Shop, story: Play) -> str:
    """The return's page, while another policy is in force."""
    kept = await shop.stage.db.read(lambda connection: policy_in(connection, story.return_id))
    values = shown_of(await story.view(), story.request, Policy.model_validate(kept))
    services = SimpleNamespace(
        policy=lambda: Policy.model_validate({"clock": {"timezone": "Pacific/Auckland"}}),
        settings=Settings(),
        stored_keys=SimpleNamespace(any=False),
    )
    scope: dict[str, Any] = {"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b""}
    scope |= {
        "app": SimpleNamespace(state=SimpleNamespace(services=services, home="/")),
        "session": {},
        "root_path": "",
    }
    rest = {"refusal": None, "stands": False, "request_id": "a1", "path_of": "/orders/1"}
    answer = page(Request(scope | {"server": ("127.0.0.1", 80)}), "customer/return.html", **(rest | values))
    return " ".join(bytes(answer.body).decode().split())


FEE = "[money]\nreturn_shipping_fee = 500"


@pytest.mark.parametrize(
    ("policy", "wishes", "told"),
    [
        ("", {}, FREE),
        (FEE, {}, "Sending it back costs {fee}, which is taken off what you get."),
        (FEE, {"resolution": "store_credit"}, "Sending it back costs {fee}, which is taken off what you get."),
        (
            FEE,
            {"items": [{"line_id": "1", "quantity": 1, "reason": "defective"}]},
            "Sending it back is free if the fault is ours; otherwise it costs {fee}, which is taken off what you get.",
        ),
        (FEE, {"resolution": "replacement", "tenders": GIFT_CARD}, ""),
    ],
    ids=["no fee", "fee", "store credit", "fault", "replacement"],
)
@pytest.mark.parametrize(("method", "template"), [("mail", "label_sent"), ("drop_off", "drop_off_code")])
async def test_what_the_way_back_costs(
    shop: Shop, policy: str, wishes: dict[str, Any], told: str, method: str, template: str
) -> None:
    story = shop.play(policy, method=method, **wishes)
    await story.start()
    for text, fee in ((await mail(shop, story, template), "5.00 USD"), (await shown(shop, story), "$5.00")):
        assert told.format(fee=fee) in text
        assert "costs you nothing" not in text
        if told != FREE:
            assert FREE not in text
        if not told:
            assert "Sending it back" not in text


@pytest.fixture
def pickup_fee(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second fee that is taken once, of 7.00 for pickups; it stands in the place of one that units cost."""

    def fee(_: MoneyRules, method: Method) -> int:
        return 700 if method is Method.PICKUP else 0

    monkeypatch.delitem(PER_UNIT, "condition_deduction")
    monkeypatch.setitem(PER_RETURN, "condition_deduction", fee)


@pytest.mark.usefixtures("pickup_fee")
@pytest.mark.parametrize(("policy", "told", "taken"), [("", "7.00", 700), (FEE, "12.00", 1200)])
async def test_all_that_the_way_back_costs_is_told_before_it_is_taken(
    shop: Shop, policy: str, told: str, taken: int
) -> None:
    story = shop.play(policy, method="pickup")
    await story.start(until=None)
    await story.until_it(lambda view: bool(view.handover.pickup and view.handover.pickup.slots), "slots")
    assert f"Sending it back costs ${told}, which is taken off" in await shown(shop, story)
    await story.choose_slot()
    assert f"Sending it back costs {told} USD, which is taken off" in await mail(shop, story, "pickup_booked")
    await story.receive()
    await story.inspect(Grade.A)
    await story.closed()
    assert (await story.view()).settlement.breakdown.deducted == taken


@pytest.mark.usefixtures("pickup_fee")
async def test_what_pickups_cost_is_not_told_of_other_ways(shop: Shop) -> None:
    story = shop.play(method="mail")
    await story.start()
    assert FREE in await mail(shop, story, "label_sent")
    assert FREE in await shown(shop, story)


@pytest.mark.usefixtures("pickup_fee")
@pytest.mark.parametrize(("methods", "free"), [(["mail", "pickup"], False), (["mail"], True)])
def test_the_faq_says_whether_any_way_back_costs_a_fee(methods: list[str], free: bool) -> None:
    policy = Policy.model_validate({"handover": {"methods": methods}})
    answers = {answer.faq_id: answer.text for answer in read_answers(OWN_CONTENT / "faq", policy)}
    assert (FREE in answers["ways-to-send"]) is free


@pytest.mark.parametrize(
    ("clock", "in_mail", "on_page"),
    [
        ("", "within 5 business days after you hand it over", "within 5 business days after the carrier has"),
        (
            "target_business_days = 1\nlimit_business_days = 2",
            "within 1 business day after you hand",
            "within 1 business day after the carrier has",
        ),
        (
            'starts_on = "received"\ntarget_business_days = 3',
            "3 business days after it has reached us",
            "within 3 business days after it has reached us.",
        ),
        ('starts_on = "requested"\ntarget_business_days = 4', "within 4 business days after you asked for it", "by "),
    ],
)
async def test_the_days_are_the_policys(shop: Shop, clock: str, in_mail: str, on_page: str) -> None:
    story = shop.play(f"[clock]\n{clock}")
    await story.start()
    text, seen = await mail(shop, story, "label_sent"), await shown(shop, story)
    assert in_mail in text
    assert "5 to 7" not in text
    assert f"Settled {on_page}" in seen


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin", "Asia/Kolkata"])
async def test_pickup_times_are_the_shops_own_everywhere(shop: Shop, zone: str) -> None:
    story = shop.play(f'[clock]\ntimezone = "{zone}"', method="pickup")
    await story.start(until=None)
    pickup = (
        await story.until_it(lambda view: bool(view.handover.pickup and view.handover.pickup.slots), "slots")
    ).handover.pickup
    assert pickup is not None
    text, seen = await mail(shop, story, "choose_pickup"), await shown(shop, story)
    for slot in pickup.slots:
        assert in_mail(slot, zone) in text
        assert on_page(slot.start, zone) in seen
    assert "UTC" not in text
    await story.choose_slot()
    booked = (await story.view()).handover.pickup
    assert booked is not None
    assert booked.booked is not None
    assert in_mail(booked.booked, zone) in await mail(shop, story, "pickup_booked")
    assert f"Between {on_page(booked.booked.start, zone)}" in await shown(shop, story)


def in_mail(slot: TimeWindow, zone: str) -> str:
    start, end = (at.astimezone(ZoneInfo(zone)) for at in (slot.start, slot.end))
    return f"{start:%A}, {start.day} {start:%B}, {start:%H:%M} to {end:%H:%M} {end.tzname()}"


def on_page(at: datetime, zone: str) -> str:
    return Days(zone).time(at).replace("\N{NARROW NO-BREAK SPACE}", " ")


async def test_store_credit_ends_on_the_shops_own_day(shop: Shop) -> None:
    story = shop.play("[money]\nstore_credit_valid_days = 10", resolution="store_credit")
    await brought_home(story)
    day = (await story.now()).astimezone(ZoneInfo("America/New_York")).date() + timedelta(days=10)
    assert f"It is valid until {day.isoformat()}." in await mail(shop, story, "credited")


@pytest.mark.parametrize(("on_limit", "promised"), [("settle", True), ("attention", False)])
async def test_money_at_the_limit_is_promised_where_the_limit_settles(
    shop: Shop,
    on_limit: str,
    promised: bool,
) -> None:
    story = shop.play(f'[clock]\non_limit = "{on_limit}"', resolution="replacement", tenders=GIFT_CARD)
    await story.start()
    await story.receive()
    await story.inspect(Grade.D)
    await story.attention("stock")
    assert ("we send you your money back by ourselves" in await mail(shop, story, "out_of_stock")) is promised
    await story.override("resolution", "refund")
    await story.until(Status.REFUNDED)
