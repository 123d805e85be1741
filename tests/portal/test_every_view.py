"""Whatever a return shows of itself, its page has words for it."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from fastapi import Request
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.contract.policy import Policy
from lifecycle.contract.request import Method
from lifecycle.contract.resolutions import Resolution
from lifecycle.contract.statuses import Status
from lifecycle.contract.view import Acceptance, GoodsState, Outcome, Reception, RuleName, SettlementState, View
from lifecycle.shared.repair_messages import RepairState
from starter.portal.customer.my_return import shown_of
from starter.portal.shared.pages import page
from starter.portal.shared.texts import catalogue
from tests.workflows.returns.play import make_request

POLICY = Policy()
REQUEST = make_request()
_AT = datetime(2026, 11, 24, 12, tzinfo=UTC).isoformat()
_EVENTS = [*catalogue()["event"], "attention", "closed", "something_new"]
_SLOT = {"start": "2999-11-24T12:00:00Z", "end": "2999-11-24T15:00:00Z"}
_amounts = st.integers(-5000, 5000)


def _maybe(value: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from([None, value])


_units = st.fixed_dictionaries(
    {
        "unit_id": st.sampled_from(["1-1", "1-2"]),
        "line_id": st.just("1"),
        "sku": st.just("SKU"),
        "reception": st.sampled_from(Reception),
        "acceptance": st.sampled_from(Acceptance),
        "refund": _maybe(4000),
        "repair": st.none() | st.fixed_dictionaries({"state": st.sampled_from(RepairState), "estimate": _maybe(5000)}),
    }
)
_settlements = st.fixed_dictionaries(
    {
        "state": st.sampled_from(SettlementState),
        "resolution": st.sampled_from(Resolution),
        "amount": _amounts,
        "currency": st.sampled_from(["USD", "JPY", "KWD"]),
        "breakdown": st.fixed_dictionaries({"units": _amounts, "bonus": _amounts, "exchange": _amounts}),
        "paid": st.lists(
            st.fixed_dictionaries(
                {
                    "tender_id": st.sampled_from(["t1", "store_credit", "gone"]),
                    "amount": _amounts,
                    "state": st.sampled_from(["pending", "succeeded", "failed"]),
                }
            ),
            max_size=2,
        ),
        "asked": _maybe(
            {
                "amount": 4000,
                "until": "2026-12-10T04:59:59Z",
                "refund": 4000,
                "store_credit": 4400,
                "exchange_for": [{"sku": "OTHER", "quantity": 2, "unit_price": 4000}],
            }
        ),
        "hold": st.none()
        | st.fixed_dictionaries(
            {"amount": st.just(4000), "state": st.sampled_from(["held", "released", "captured", "expired"])}
        ),
    }
)
_handovers = st.fixed_dictionaries(
    {
        "method": st.sampled_from(Method),
        "tracking_code": _maybe("HW1"),
        "at": _maybe(_AT),
        "pickup": _maybe({"slots": [_SLOT], "booked": None}) | _maybe({"slots": [], "booked": _SLOT}),
        "drop_off": _maybe({"points": [], "code": None})
        | _maybe({"points": [{"name": "Shop", "line1": "1 Rd", "city": "X", "hours": "always"}], "code": "A-B"}),
    }
)
_views = st.fixed_dictionaries(
    {
        "return_id": st.just("R-1"),
        "order_id": st.just("SO-1"),
        "status": st.sampled_from(Status),
        "closed": st.booleans(),
        "decision": st.none()
        | st.fixed_dictionaries(
            {
                "outcome": st.sampled_from(Outcome),
                "rules": st.lists(
                    st.fixed_dictionaries(
                        {"rule": st.sampled_from(RuleName), "unit_id": _maybe("1-1"), "detail": st.just("...")}
                    ),
                    max_size=3,
                ),
            }
        ),
        "settlement": _settlements,
        "goods": st.fixed_dictionaries({"state": st.sampled_from(GoodsState)}),
        "handover": _handovers,
        "units": st.lists(_units, min_size=1, max_size=2),
        "extras": st.just([]),
        "deadlines": st.fixed_dictionaries({"ship_by": _maybe(_AT), "target": _maybe(_AT), "limit": _maybe(_AT)}),
        "escalated": st.booleans(),
        "attention": _maybe({"step": "stock", "error": "...", "since": _AT}),
        "timeline": st.lists(
            st.fixed_dictionaries(
                {
                    "at": st.just(_AT),
                    "event": st.sampled_from(_EVENTS),
                    "by": st.sampled_from(["engine", "reviewer"]),
                    "detail": st.sampled_from([None, "1-1", "1-1 HW2", "words"]),
                }
            ),
            max_size=6,
        ),
    }
)


@settings(max_examples=150)
@given(_views, st.booleans())
def test_the_page_of_any_view_is_whole(raw: dict[str, Any], stands: bool) -> None:

    services = SimpleNamespace(
        policy=lambda: POLICY,
        settings=SimpleNamespace(asks_for_keys=False),
        stored_keys=SimpleNamespace(any=False),
    )
    app = SimpleNamespace(state=SimpleNamespace(services=services, home="/"))
    scope = {"type": "http", "app": app, "method": "GET", "path": "/returns/R-1", "headers": [], "query_string": b""}
    shown = shown_of(View.model_validate(raw), REQUEST, POLICY)
    request = Request(scope | {"session": {"orders": ["SO-1"]}, "server": ("127.0.0.1", 80), "root_path": ""})
    answer = page(request, "customer/return.html", refusal=None, stands=stands, request_id="a1", **shown)
    assert bytes(answer.body).count(b'aria-current="step"') <= 1
