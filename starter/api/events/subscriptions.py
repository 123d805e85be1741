"""Subscribers of events, made and changed while the shop runs; those of the settings are shown beside them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit
from uuid import uuid4

from fastapi import APIRouter, Depends, Path, Response
from pydantic import AfterValidator, AwareDatetime, BaseModel, Field
from temporalio.service import RPCError

from gateways.database.engine import Database
from gateways.database.messages import subscriptions
from gateways.database.messages.lag import Lag, lags
from gateways.database.messages.replay import replay
from gateways.database.messages.subscriptions import Subscription, TooManyError
from gateways.errors import GatewayError
from gateways.subscribers import http
from gateways.subscribers.envelope import SOURCE
from lifecycle.contract.times import Instant
from lifecycle.events.families import TYPE_NAMES
from starter.api.shared.api_keys import CallerDep, authenticate
from starter.api.shared.bodies import Body, answers, json_of
from starter.api.shared.problems import (
    ALWAYS,
    INVALID,
    NOT_ALLOWED,
    NOT_FOUND,
    OF_A_BODY,
    OUT_OF_REACH,
    Failure,
    refuse_any_query,
)
from starter.doctor.subscribers import state_of, urls_of_settings
from starter.shared.services import Services, ServicesDep
from workers.relay_keeper import keep_running
from workers.setting_values import HttpUrl, expected, is_loopback_host
from workflows.relays import EVENTS

router = APIRouter(prefix="/v1/subscriptions", tags=["events"], dependencies=[Depends(refuse_any_query)])
Type = Literal[TYPE_NAMES]  # type: ignore[valid-type]  # the table's
Types = Annotated[
    list[Type], Field(description="The types that it gets; all when empty.", examples=[["homeward.return.refunded"]])
]


def _private(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "https" and not is_loopback_host(parts.hostname or ""):
        raise expected("https://HOST, or http://HOST:PORT on this machine")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise expected("an address without a user, a password or a fragment")
    return url


def _passed(since: datetime) -> datetime:
    if since > datetime.now(UTC):
        raise expected("an instant that has passed")
    return since


SubscriptionId = Annotated[str, Path(examples=["sub_0123456789abcdef01234567"])]


class NewSubscription(BaseModel):
    """Where events go. Without ``url`` nothing is sent: events are kept for ``GET /v1/events``."""

    url: Annotated[HttpUrl, AfterValidator(_private), Field(max_length=2000)] | None = Field(
        default=None, description="https, or http on this machine."
    )
    types: Types = []


class SubscriptionChange(BaseModel):
    """What is left out stays as it is."""

    types: Types | None = None
    paused: bool | None = Field(default=None, description="While it is, its events wait.")


class Rotation(BaseModel):
    """How long events are signed with the secret before, too."""

    overlap_hours: Annotated[int, Field(ge=0, le=720, description="0 ends the one before now.")] = 24


class Replay(BaseModel):
    """From when on events are sent again."""

    since: Annotated[Instant, AfterValidator(_passed)] = Field(
        description="What happened, or was kept, since then; not in the future."
    )


class Subscriber(BaseModel):
    """A subscriber, and how far behind it is. Of the settings' only the settings change anything."""

    subscription_id: str
    source: Literal["api", "settings"]
    url: str | None = Field(description="Null for one that polls.")
    types: list[str] = Field(description="The types that it gets; all when empty.")
    state: Literal["well", "failing", "gone", "paused"] = Field(description="gone: it answered 410.")
    waiting: int = Field(description="Events that it has not taken yet, those that it does not want among them.")
    oldest: AwareDatetime | None = Field(description="When the oldest of them was kept.")
    failing: int = Field(description="Returns whose next event has failed.")
    attempts: int = Field(description="How often the worst of them has.")
    given_up: int = Field(description="Events that were passed over after 5 days.")
    error: str | None = Field(description="The last failure.")
    failed_at: AwareDatetime | None = Field(description="When that was.")
    delivered_at: AwareDatetime | None = Field(description="The last success.")
    secret_before_until: AwareDatetime | None = Field(description="Until when the secret before is valid, too.")
    secret: str | None = Field(
        default=None, exclude_if=lambda secret: secret is None, description="Shown once: when it is made or rotated."
    )


class Subscribers(BaseModel):
    """All of them."""

    subscriptions: list[Subscriber]


class Delivered(BaseModel):
    """Whether the test event was taken, and why not."""

    delivered: bool
    error: str | None


class Replayed(BaseModel):
    """How many events are sent again."""

    events: int


_ONE: Final[dict[str, Any]] = {
    "subscription_id": "sub_0123456789abcdef01234567",
    "source": "api",
    "url": "https://shop.example/homeward",
    "types": ["homeward.return.refunded"],
    "state": "well",
    "waiting": 0,
    "oldest": None,
    "failing": 0,
    "attempts": 0,
    "given_up": 0,
    "error": None,
    "failed_at": None,
    "delivered_at": "2026-11-24T15:00:01Z",
    "secret_before_until": None,
}
_SECRET: Final = {**_ONE, "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLwMfKQ9r8GKYqrTw"}
_NEW: Final = Body(NewSubscription, {"url": _ONE["url"], "types": _ONE["types"]})
_CHANGE: Final = Body(SubscriptionChange, {"paused": True})
_ROTATE: Final = Body(Rotation, {"overlap_hours": 24})
_REPLAY: Final = Body(Replay, {"since": "2026-11-20T00:00:00Z"})


@router.get(
    "",
    summary="List subscriptions",
    **answers(Subscribers, {"subscriptions": [_ONE]}, "Each, with how far behind it is.", *ALWAYS, INVALID),
    dependencies=[Depends(authenticate)],
)
async def list_subscriptions(services: ServicesDep) -> Response:
    """Those of the settings first."""
    made = await subscriptions.all_of(services.db)
    urls = urls_of_settings(services.settings)
    found = await lags(services.db, [*urls, *(one.subscription_id for one in made)])
    named = [_of_settings(name, url, found[name]) for name, url in urls.items()]
    return json_of(Subscribers(subscriptions=[*named, *(_shown(one, found[one.subscription_id]) for one in made)]))


@router.post(
    "",
    summary="Subscribe to events",
    **answers(
        *(Subscriber, _SECRET, "Its secret is in this answer alone."),
        *(*ALWAYS, *OF_A_BODY, NOT_ALLOWED),
        body=_NEW,
        creates=True,
    ),
)
async def create_subscription(
    caller: CallerDep, asked: Annotated[NewSubscription, Depends(_NEW)], services: ServicesDep
) -> Response:
    """Have what happens from now on sent to a URL, or kept for who polls: of returns, of those that begin from now on.

    The same URL again is the same subscription, and its secret is not shown again.
    """
    for known in await subscriptions.all_of(services.db):
        if known.url == asked.url:
            return json_of(await _with_lag(services.db, known), headers=_at(known))
    try:
        made = await subscriptions.create(services.db, asked.url, asked.types, datetime.now(UTC), caller.key)
    except TooManyError:
        raise Failure(NOT_ALLOWED, f"there are {subscriptions.MOST} already: remove one") from None
    await _have_them_sent(services)
    return json_of(await _with_lag(services.db, made, secret=True), 201, _at(made))


@router.get(
    "/{subscription_id}",
    summary="Show a subscription",
    **answers(Subscriber, _ONE, "How far behind it is.", *ALWAYS, INVALID, NOT_FOUND),
    dependencies=[Depends(authenticate)],
)
async def show_subscription(subscription_id: SubscriptionId, services: ServicesDep) -> Response:
    """One that was made by the API."""
    return json_of(await _with_lag(services.db, await _known(services.db, subscription_id)))


@router.post(
    "/{subscription_id}/change",
    summary="Change or pause a subscription",
    **answers(Subscriber, _ONE, "It holds from the next event on.", *ALWAYS, *OF_A_BODY, NOT_FOUND, body=_CHANGE),
    dependencies=[Depends(authenticate)],
)
async def change_subscription(
    subscription_id: SubscriptionId, asked: Annotated[SubscriptionChange, Depends(_CHANGE)], services: ServicesDep
) -> Response:
    """Other types, or a pause, during which its events wait."""
    changed = await subscriptions.change(services.db, subscription_id, **asked.model_dump(exclude_none=True))
    return json_of(await _with_lag(services.db, _there(changed)))


@router.post(
    "/{subscription_id}/rotate",
    summary="Give a subscription another secret",
    **answers(
        *(Subscriber, _SECRET, "The new secret is in this answer alone."),
        *(*ALWAYS, *OF_A_BODY, NOT_FOUND, NOT_ALLOWED),
        body=_ROTATE,
    ),
    dependencies=[Depends(authenticate)],
)
async def rotate_secret(
    subscription_id: SubscriptionId, asked: Annotated[Rotation, Depends(_ROTATE)], services: ServicesDep
) -> Response:
    """Events are signed with both secrets until the overlap is over."""
    now, overlap = datetime.now(UTC), timedelta(hours=asked.overlap_hours)
    rotated = _there(await subscriptions.rotate(services.db, subscription_id, overlap, now))
    _require_url(rotated)
    return json_of(await _with_lag(services.db, rotated, secret=True))


@router.post(
    "/{subscription_id}/test",
    summary="Send a test event",
    **answers(
        *(Delivered, {"delivered": True, "error": None}, "How it was answered."),
        *(*ALWAYS, INVALID, NOT_FOUND, NOT_ALLOWED),
    ),
    dependencies=[Depends(authenticate)],
)
async def send_test_event(subscription_id: SubscriptionId, services: ServicesDep) -> Response:
    """Send an event of the type `homeward.test`, signed as all are, and wait for the answer for 10 s."""
    one = await _known(services.db, subscription_id)
    _require_url(one)
    now = datetime.now(UTC)
    told = {
        "specversion": "1.0",
        "id": f"test:{uuid4().hex}",
        "source": SOURCE,
        "type": "homeward.test",
        "time": now.isoformat(),
        "datacontenttype": "application/json",
        "data": {"subscription_id": subscription_id},
    }
    try:
        async with http.client() as through:
            await http.post(through, one.url or "", one.secrets(now), told)
    except GatewayError as error:
        return json_of(Delivered(delivered=False, error=str(error)))
    return json_of(Delivered(delivered=True, error=None))


@router.post(
    "/{subscription_id}/replay",
    summary="Send events again",
    **answers(
        *(Replayed, {"events": 57}, "They are on their way."),
        *(*ALWAYS, *OF_A_BODY, NOT_FOUND, NOT_ALLOWED),
        body=_REPLAY,
    ),
    dependencies=[Depends(authenticate)],
)
async def replay_events(
    subscription_id: SubscriptionId, asked: Annotated[Replay, Depends(_REPLAY)], services: ServicesDep
) -> Response:
    """Send what happened or was kept since a time again, in order; one that answered 410 is sent events again."""
    _require_url(await _known(services.db, subscription_id))
    count = await replay(services.db, [subscription_id], asked.since, datetime.now(UTC))
    return json_of(Replayed(events=count))


@router.delete(
    "/{subscription_id}",
    summary="Remove a subscription",
    **answers(Subscriber, _ONE, "As it was.", *ALWAYS, INVALID, NOT_FOUND),
    dependencies=[Depends(authenticate)],
)
async def remove_subscription(subscription_id: SubscriptionId, services: ServicesDep) -> Response:
    """Nothing more is sent to it, and what waited for it is forgotten."""
    last = await _with_lag(services.db, await _known(services.db, subscription_id))
    await subscriptions.remove(services.db, subscription_id)
    return json_of(last)


async def _have_them_sent(services: Services) -> None:
    """The first subscription of all has events sent from now on; workers see to it within a minute, too."""
    try:
        await keep_running(services.client, EVENTS)
    except (RPCError, RuntimeError) as error:
        raise Failure(OUT_OF_REACH, f"the subscription is made, and nothing is sent yet: {error}") from None


async def _known(db: Database, subscription_id: str) -> Subscription:
    return _there(await subscriptions.one_of(db, subscription_id))


def _there(found: Subscription | None) -> Subscription:
    if found is None:
        raise Failure(NOT_FOUND, "no subscription has this id")
    return found


def _require_url(one: Subscription) -> None:
    if one.url is None:
        raise Failure(NOT_ALLOWED, "it has no URL: it polls")


def _at(one: Subscription) -> dict[str, str]:
    return {"Location": f"{router.prefix}/{one.subscription_id}"}


async def _with_lag(db: Database, one: Subscription, *, secret: bool = False) -> Subscriber:
    found = await lags(db, [one.subscription_id])
    shown = _shown(one, found[one.subscription_id])
    return shown.model_copy(update={"secret": one.secret}) if secret else shown


def _shown(one: Subscription, lag: Lag) -> Subscriber:
    behind = Lag(one.subscription_id) if one.url is None else lag  # who polls has a cursor of its own
    before = one.before_until if len(one.secrets(datetime.now(UTC))) > 1 else None
    return _subscriber(one.subscription_id, one.url, one.types, behind, paused=one.paused).model_copy(
        update={"source": "api", "secret_before_until": before}
    )


def _of_settings(name: str, url: str, lag: Lag) -> Subscriber:
    return _subscriber(name, url, [], lag)


def _subscriber(name: str, url: str | None, types: Sequence[str], lag: Lag, *, paused: bool = False) -> Subscriber:
    behind = {key: value for key, value in vars(lag).items() if key not in ("subscriber", "gone_at")}
    about = {"subscription_id": name, "source": "settings", "url": url, "types": list(types)}
    return Subscriber.model_validate(
        about | behind | {"state": state_of(lag, paused=paused), "secret_before_until": None}
    )
