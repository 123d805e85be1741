"""EasyPost's words of a parcel, as a return hears them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateways.carrier.easypost_webhooks import EasyPostWebhooks
from gateways.webhook_protocol import PartnerEvent
from lifecycle.contract.messages import TrackingEvent
from tests.webhooks.partners import SECRETS, Hook, Json, event, scan

NOW = datetime.now(UTC).replace(microsecond=0)


def at(hours: float) -> datetime:
    return NOW - timedelta(days=1) + timedelta(hours=hours)


def read(hook: Hook) -> list[PartnerEvent]:
    return EasyPostWebhooks(SECRETS["easypost"]).read(hook.raw, _upper(hook.headers), datetime.now(UTC))


def _upper(headers: dict[str, str]) -> dict[str, str]:
    # What the web server hands over is found in any case; a plain mapping is not.
    return {"X-Hmac-Signature": headers["x-hmac-signature"]}


def told(hook: Hook) -> list[tuple[str, datetime]]:
    """Status and time of each message."""
    found = []
    for news in read(hook):
        assert isinstance(news.message, TrackingEvent)
        found.append((news.message.status.value, news.message.at))
    return found


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("unknown", None),
        ("pre_transit", None),
        ("in_transit", "in_transit"),
        ("out_for_delivery", "in_transit"),
        ("available_for_pickup", "in_transit"),
        ("delivered", "delivered"),
        ("return_to_sender", "returned"),
        ("failure", "failed"),
        ("cancelled", None),
        ("error", None),
        ("some_new_word", None),
    ],
)
def test_each_status(word: str, status: str | None) -> None:
    expected = [(status, at(1))] if status else []
    assert told(scan("9400", (word, at(1)))) == expected
    # Without a single scan, the parcel's own status counts.
    bare = scan("9400", about={"status": word, "updated_at": at(2).isoformat()})
    assert told(bare) == ([(status, at(2))] if status else [])


@pytest.mark.parametrize("word", ["failure", "error", "unknown", "in_transit"])
def test_lost_is_reported_by_the_detail_of_any_status(word: str) -> None:
    hook = scan("9400", ("in_transit", at(1)), (word, at(2)))
    hook.body["result"]["tracking_details"][1]["status_detail"] = "lost"
    assert told(hook)[:2] == [("in_transit", at(1)), ("lost", at(2))]


def test_the_history_is_recorded_once_for_each_thing_that_changed() -> None:
    hook = scan(
        "9400",
        ("delivered", at(6)),  # carriers mix the order
        ("pre_transit", at(0)),
        ("in_transit", at(2)),
        ("in_transit", at(1)),
        ("out_for_delivery", at(3)),
        ("failure", at(4)),
        ("failure", at(5)),
    )
    assert told(hook) == [
        ("in_transit", at(1)),
        ("failed", at(4)),
        ("failed", at(5)),
        ("delivered", at(6)),
    ]


def test_a_later_event_brings_the_same_messages_under_the_same_names() -> None:
    first, later = scan("9400", ("in_transit", at(1))), scan("9400", ("in_transit", at(1)), ("delivered", at(2)))
    names = [news.event_id for news in read(first)], [news.event_id for news in read(later)]
    assert names[1][:1] == names[0]
    assert len(set(names[1])) == 2
    assert [name for name in names[1] if len(name) > 100] == []


def test_what_comes_after_the_carrier_turned_back_is_not_on_its_way_to_us() -> None:
    hook = scan(
        "9400",
        ("in_transit", at(1)),
        ("return_to_sender", at(2)),
        ("in_transit", at(3)),
        ("return_to_sender", at(4)),
        ("delivered", at(5)),
    )
    assert told(hook) == [("in_transit", at(1)), ("returned", at(2))]


def test_the_parcels_own_status_counts_where_no_scan_says_so() -> None:
    about: Json = {"status": "return_to_sender", "updated_at": at(3).isoformat()}
    hooks = [scan("9400", ("in_transit", at(1)), about=about) for _ in range(2)]
    assert [told(hook) for hook in hooks] == [[("in_transit", at(1)), ("returned", at(3))]] * 2
    assert [news.event_id for news in read(hooks[0])] == [news.event_id for news in read(hooks[1])]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (at(1).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), at(1)),
        ((at(1) - timedelta(hours=5)).strftime("%Y-%m-%dT%H:%M:%S-05:00"), at(1)),
        (at(1).strftime("%Y-%m-%dT%H:%M:%S"), at(1)),  # without a zone, in UTC
        (None, at(3)),
    ],
    ids=["UTC", "another zone", "no zone", "no time"],
)
def test_the_time_of_a_scan_is_its_own(given: str | None, expected: datetime) -> None:
    hook = scan("9400", ("in_transit", at(0)), about={"updated_at": at(3).isoformat()})
    hook.body["result"]["tracking_details"][0]["datetime"] = given
    assert told(hook) == [("in_transit", expected)]


def test_scans_without_a_time_keep_their_names() -> None:
    hooks = [scan("9400", ("return_to_sender", at(1)), about={"updated_at": at(n).isoformat()}) for n in (2, 3)]
    for hook in hooks:
        hook.body["result"]["tracking_details"][0]["datetime"] = None
    assert [news.event_id for news in read(hooks[0])] == [news.event_id for news in read(hooks[1])]


@pytest.mark.parametrize("description", ["batch.updated", "shipment.purchased", "refund.successful", "anything.else"])
def test_other_events_are_about_nothing_we_care_for(description: str) -> None:
    assert read(Hook("easypost", event({"id": "x", "object": "Batch"}, NOW, description))) == []


def test_a_tracker_made_after_its_first_scans_tells_of_them() -> None:
    hook = scan("9400", ("in_transit", at(1)))
    hook.body["description"] = "tracker.created"
    assert told(hook) == [("in_transit", at(1))]


@pytest.mark.parametrize(
    ("about", "elsewhere"),
    [
        ({}, False),
        ({"is_return": True, "shipment_id": "shp_1"}, False),
        ({"is_return": False, "shipment_id": None}, False),
        ({"is_return": False, "shipment_id": "shp_1"}, True),
    ],
)
def test_labels_that_somebody_bought_for_parcels_to_customers_are_distinguished(about: Any, elsewhere: bool) -> None:
    [news] = read(scan("9400", ("in_transit", at(1)), about=about))
    assert news.only_if_known is elsewhere


def test_of_what_the_carrier_says_only_easyposts_own_word_is_kept() -> None:
    hook = scan("9400", ("in_transit", at(1)))
    said = {"message": "Left with Jane Roe", "status_detail": "arrived_at_facility"}
    hook.body["result"]["tracking_details"][0] |= said
    [news] = read(hook)
    assert isinstance(news.message, TrackingEvent)
    assert news.message.detail == "arrived_at_facility"


@pytest.mark.parametrize("said", [None, "", "Left with Jane Roe", "x" * 5000, "\0"])
def test_a_word_that_is_none_is_left_out(said: str | None) -> None:
    hook = scan("9400", ("in_transit", at(1)))
    hook.body["result"]["tracking_details"][0]["status_detail"] = said
    [news] = read(hook)
    assert isinstance(news.message, TrackingEvent)
    assert news.message.detail is None
