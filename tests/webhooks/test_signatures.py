"""Whose webhook it is: only what the partner signed, just now, is read at all."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any, get_args
from uuid import uuid4

import pytest
from pydantic import SecretStr

from gateways.database.messages import inbox as letters
from starter.demo.story import Stage
from starter.shared.services import Services, services_of
from tests.webhooks.conftest import served
from tests.webhooks.partners import SECRETS, Door, Hook, Partner, event, news, receipt, refund, scan
from workers.setting_values import ApiKey
from workers.settings import Settings

PARTNERS = get_args(Partner)
HEADERS = {"easypost": "x-hmac-signature", "stripe": "stripe-signature"} | dict.fromkeys(
    ("warehouse", "payments"), "webhook-signature"
)
#: Seconds: how old and how far ahead a webhook may be.
OLDEST = {"easypost": 7 * 86_400, "stripe": 300, "warehouse": 300, "payments": 300}
AHEAD = 300
SLACK = 30


def hook(partner: Partner, ago: float = 0) -> Hook:
    """One that is about nobody known, made or signed so many seconds ago."""
    if partner == "easypost":
        return scan(f"unknown-{uuid4().hex}", ("in_transit", datetime.now(UTC)), ago=ago)
    of_refund = {"stripe": refund("re_unknown", "failed"), "payments": news("RF-unknown", "failed")}
    made = of_refund.get(partner) or receipt("R-unknown")
    made.ago = ago
    return made


async def kept(stage: Stage) -> int:
    """How many events the inbox holds."""
    return len(await letters.listed(stage.db, ("queued", "waiting", "passed", "dismissed"), 100_000))


@pytest.mark.parametrize("partner", PARTNERS)
async def test_what_is_signed_is_taken(door: Door, partner: Partner) -> None:
    assert (await door.told(hook(partner)))[0] == 202


@pytest.mark.parametrize("partner", PARTNERS)
@pytest.mark.parametrize("late", [True, False])
async def test_time_is_looked_at_both_ways(door: Door, stage: Stage, partner: Partner, late: bool) -> None:
    bound = OLDEST[partner] if late else -AHEAD
    beyond = SLACK if late else -SLACK
    before = await kept(stage)
    refused = await door.send(hook(partner, bound + beyond))
    assert (refused.status_code, refused.json()["type"]) == (401, "/docs#not-signed")
    assert await kept(stage) == before
    assert (await door.send(hook(partner, bound - beyond))).status_code == 202


def _tampered(made: Hook) -> dict[str, Any]:
    return {"content": made.raw.replace(b"R-unknown", b"R-other").replace(b"unknown", b"another")}


def _other_secret(made: Hook) -> dict[str, Any]:
    made.secret = "whsec_" + "YW5vdGhlci1zZWNyZXQtZW50aXJlbHkhIQ=="
    return {"headers": made.headers}


def _none(made: Hook) -> dict[str, Any]:
    return {"headers": {name: value for name, value in made.headers.items() if name != HEADERS[made.partner]}}


_GARBAGE = (b"", b"v1", b"t=x,v1=y", b"v1,%%% v1,\xff", b"\xfc\xe9", b"t=1,v1=1")


@pytest.mark.parametrize("partner", PARTNERS)
@pytest.mark.parametrize("change", [_tampered, _other_secret, _none])
async def test_what_is_not_signed_is_refused_and_not_kept(
    door: Door, stage: Stage, partner: Partner, change: Any
) -> None:
    before, made = await kept(stage), hook(partner)
    refused = await door.send(made, **change(made))
    assert (refused.status_code, refused.headers["content-type"]) == (401, "application/problem+json")
    assert HEADERS[partner] in refused.json()["detail"].lower()
    assert await kept(stage) == before


@pytest.mark.parametrize("partner", PARTNERS)
@pytest.mark.parametrize("garbage", _GARBAGE)
async def test_garbage_is_no_signature(door: Door, partner: Partner, garbage: bytes) -> None:
    made = hook(partner)
    headers = {name.encode(): text.encode() for name, text in made.headers.items()}
    refused = await door.send(made, headers=headers | {HEADERS[partner].encode(): garbage})
    assert refused.status_code == 401


@pytest.mark.parametrize("partner", PARTNERS)
@pytest.mark.parametrize("raw", [b"", b"{", b"[" * 100_000, b'{"a": NaN}'])
async def test_what_is_no_json_is_reported(door: Door, partner: Partner, raw: bytes) -> None:
    assert (await door.send(Hook(partner, raw))).status_code == 400


@pytest.mark.parametrize("partner", PARTNERS)
async def test_a_body_that_is_no_text_is_no_fault_of_ours(door: Door, partner: Partner) -> None:
    assert (await door.send(Hook(partner, b"\xff\xfe"))).status_code in (400, 401)


_NOW = datetime.now(UTC)
_TRACKER = {"id": "trk_1", "tracking_code": "9400", "status": "in_transit"}
_TIMELESS = _TRACKER | {"tracking_details": [{"datetime": "x"}]}


def _document(kind: str, return_id: str = "R-1", **data: Any) -> Hook:
    return Hook("warehouse", {"type": kind, "return_id": return_id, "data": data})


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (Hook("easypost", []), "body"),
        (Hook("easypost", {"id": "evt_1", "description": "tracker.updated"}), "created_at"),
        (Hook("easypost", event({"id": "trk_1"}, _NOW)), "result.tracking_code"),
        (Hook("easypost", event(_TIMELESS, _NOW)), "result.tracking_details.0.datetime"),
        (Hook("easypost", event(_TRACKER | {"id": "trk 1"}, _NOW)), "result.id"),
        (Hook("stripe", {"type": "refund.failed"}), "id"),
        (refund("", "failed"), "data.object.id"),
        (refund("re_1", "failed", at=-1), "created"),
        (Hook("stripe", {"id": "evt_1", "type": "refund.failed", "created": 1, "data": {}}), "data.object"),
        (_document("recipt"), "type"),
        (_document("receipt", "R 1"), "return_id"),
        (Hook("warehouse", {"type": "receipt", "return_id": "R-1"}), "data"),
        (_document("receipt"), "data.receipt_id"),
        (receipt("R-1", receipt_id="x", line_id=""), "data.units.0.line_id"),
        (_document("receipt", receipt_id="x", unitz=[]), "data.unitz"),
        (_document("inspection", inspection_id="x", units=[]), "data.units"),
        (_document("receipt", receipt_id="x", by="alex (key till)"), "data.by"),
        (_document("receipt", receipt_id="x", by="alex (key boss-1)\u200b"), "data.by"),
        (_document("receipt", receipt_id="x", by="alex (Key boss-1)"), "data.by"),
        (_document("receipt", receipt_id="x", by="alex (key\u00a0boss-1)"), "data.by"),
        (_document("receipt", receipt_id="x", by="alex \uff08ke\u00ady boss-1\uff09"), "data.by"),
        (_document("inspection", inspection_id="x", by="alex (key till)", units=[{"unit_id": "1-1"}]), "data.by"),
        (receipt("R-1"), "webhook-id"),
        (news("RF-1", "paid"), "status"),
        (news("RF 1", "done"), "reference"),
        (news("RF-1", "failed", reason="?"), "reason"),
        (Hook("payments", {"type": "refund", "return_id": "R-1", "reference": "RF-1", "status": "done"}), "at"),
    ],
)
async def test_wrong_content_is_reported_by_its_field_and_not_kept(
    door: Door, stage: Stage, wrong: Hook, field: str
) -> None:
    if field == "webhook-id":
        wrong.id = "m" * 201
    before = await kept(stage)
    refused = await door.send(wrong)
    assert refused.status_code == 422, refused.text
    assert [error["field"] for error in refused.json()["errors"]][:1] == [field]
    assert await kept(stage) == before


@pytest.mark.parametrize("partner", PARTNERS)
async def test_a_door_without_a_secret_names_the_variable(services: Services, partner: Partner) -> None:
    closed = services_of(Settings(database_url=None), services.client, services.db)
    async with served(closed) as http:
        refused = await Door(http).send(hook(partner))
    assert refused.status_code == 404
    assert refused.json()["detail"] == f"HOMEWARD_{partner.upper()}_WEBHOOK_SECRET is not set"


@pytest.mark.parametrize("partner", ["warehouse", "payments"])
async def test_two_secrets_are_valid_while_one_is_changed(services: Services, partner: Partner) -> None:
    new = "whsec_" + "YS1uZXctc2VjcmV0LW9mLXRoaXMtcGFydG5lciE="
    both = Settings.model_validate({f"{partner}_webhook_secret": f"{SECRETS[partner]} {new}"})
    async with served(services_of(both, services.client, services.db)) as http:
        door, old, newer, neither = Door(http), hook(partner), hook(partner), hook(partner)
        newer.secret, neither.secret = new, "whsec_" + "YW5vdGhlci1zZWNyZXQtZW50aXJlbHkhIQ=="
        statuses = [(await door.send(one)).status_code for one in (old, newer, neither)]
    assert statuses == [202, 202, 401]


@pytest.mark.parametrize("partner", ["warehouse", "payments"])
@pytest.mark.parametrize("header", ["webhook-id", "webhook-timestamp", "webhook-signature"])
async def test_a_header_that_is_missing_is_named(door: Door, partner: Partner, header: str) -> None:
    made = hook(partner)
    refused = await door.send(made, headers={name: text for name, text in made.headers.items() if name != header})
    assert (refused.status_code, refused.json()["detail"]) == (401, f"{header}: expected this header, which is missing")


async def test_no_answer_gives_a_secret_away(door: Door) -> None:
    for partner in PARTNERS:
        made = hook(partner)
        told = (await door.send(made, **_tampered(made))).text
        assert not re.search("|".join(map(re.escape, SECRETS.values())), told)


async def test_every_signature_of_a_changing_secret_counts(door: Door) -> None:
    """Standard Webhooks: while a secret is changed, a message carries a signature by each."""
    made = receipt("R-unknown")
    other = Hook("warehouse", made.body, made.id, secret="whsec_" + "YW5vdGhlci1zZWNyZXQtZW50aXJlbHkhIQ==")
    both = f"{other.headers['webhook-signature']} {made.headers['webhook-signature']}"
    assert (await door.send(made, headers=made.headers | {"webhook-signature": both})).status_code == 202


def test_the_bounds_are_reported_as_they_are() -> None:
    from gateways.carrier import easypost_webhooks
    from gateways.payment import stripe_webhooks

    assert timedelta(seconds=OLDEST["easypost"]) == easypost_webhooks.OLDEST
    assert timedelta(seconds=AHEAD) == easypost_webhooks.AHEAD == stripe_webhooks.TOLERANCE


@pytest.mark.parametrize("partner", PARTNERS)
async def test_a_body_that_is_too_large_is_not_read(door: Door, partner: Partner) -> None:
    assert (await door.send(Hook(partner, b" " * 1_100_000))).status_code == 413


async def test_partners_need_no_key_of_the_api(services: Services) -> None:
    keys = [ApiKey(key=SecretStr("a key that nobody knows"), scopes=frozenset({"read"}))]
    locked = services_of(services.settings.model_copy(update={"api_keys": keys}), services.client, services.db)
    async with served(locked) as http:
        for partner in PARTNERS:
            assert (await Door(http).send(hook(partner))).status_code == 202
        described = (await http.get("/openapi.json")).json()["paths"]
    for partner in PARTNERS:
        call = described[f"/v1/webhooks/{partner}"]["post"]
        assert (call["security"], {"200", "202", "401", "404", "422"} <= set(call["responses"])) == ([], True)


@pytest.mark.parametrize("partner", PARTNERS)
async def test_a_signed_webhook_that_says_a_thing_twice_is_not_believed(
    door: Door, stage: Stage, partner: Partner
) -> None:
    made, before = hook(partner), await kept(stage)
    made.body = made.raw.replace(b"{", b'{"id": "evt_other", "return_id": "R-other", "id": "evt_again", ', 1)
    refused = await door.send(made)
    assert (refused.status_code, refused.json()["type"]) == (400, "/docs#malformed")
    assert await kept(stage) == before
