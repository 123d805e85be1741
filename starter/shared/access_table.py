"""Who may open what: one row for each method and path of API and pages, and which part of it all that belongs to.

What an update asks for is said once, for its call and for the buttons of pages that send it. Staff have the scopes
of their roles. A test walks every route that there is, and fails for one that has no row here. What a scope is worth
stands in docs/api.md, what a role is in docs/staff.md.
"""

from collections.abc import Collection, Iterable, Mapping
from enum import Enum
from typing import Final, Literal, get_args

from fastapi import APIRouter
from fastapi.routing import APIRoute

from workers.setting_values import Scope, StaffRole
from workers.webhook_table import WEBHOOKS

Scopes = frozenset[Scope]
#: Method and path.
Row = tuple[str, str]
#: What a process may serve by itself, see ``homeward api --only``.
Part = Literal["portal", "api", "warehouse", "desk", "webhooks"]
EVERY_PART: Final[frozenset[Part]] = frozenset(get_args(Part))


class Other(Enum):
    """What opens a route that asks for no key."""

    ANYBODY = "anybody"
    #: The partner's signature over the body.
    SIGNATURE = "signature"
    #: A link that a mail, the shop, or whoever runs Homeward, brought.
    LINK = "link"
    #: Anybody of the staff who is signed in, whatever they do at the shop.
    STAFF = "staff"
    #: A session that has shown that the order is theirs, by the link in a mail.
    ORDER = "order"
    #: A session that asked the question, or has the link to it.
    CASE = "case"


def _any_of(*scopes: Scope) -> Scopes:
    return frozenset(scopes)


def _form(path: str, opens: Scopes | Other) -> dict[Row, Scopes | Other]:
    """A page with a form that is sent to its own address."""
    return {("GET", path): opens, ("POST", path): opens}


_START, _READ, _ADMIN = _any_of("start", "vouch"), _any_of("read"), _any_of("admin")
_ASK = _any_of("start", "vouch", "support")
_DECIDE, _FOR_CUSTOMERS = _any_of("operate"), _any_of("support", "operate")
#: Of store credit: a checkout needs no key that decides about returns.
_CREDIT = _any_of("credit", "operate")
_COUNT, _REPAIRING = _any_of("warehouse", "operate"), _any_of("bench", "operate")
#: Of the pages: a tablet needs no key that decides about money.
_FLOOR, _TABLE, _BENCH = _any_of("warehouse", "bench"), _any_of("warehouse"), _any_of("bench")

#: What staff of each role may do: the same scopes as keys have.
ROLES: Final[Mapping[StaffRole, Scopes]] = {
    "clerk": _any_of("read", "start", "support", "operate"),
    "warehouse": _any_of("warehouse"),
    "bench": _any_of("bench"),
    "support": _any_of("read", "start", "support"),
    "manager": _any_of("read", "start", "warehouse", "bench", "support", "credit", "operate", "admin"),
    "auditor": _any_of("read"),
}
#: What each update asks for, whichever door it comes through. Those of a case's messages and of starts have rules of
#: their own besides, which stand with their calls.
UPDATES: Final[Mapping[str, Scopes]] = {
    "start": _START,
    "approve": _DECIDE,
    "decline": _DECIDE,
    "resolve_attention": _DECIDE,
    "override": _DECIDE,
    "cancel": _FOR_CUSTOMERS,
    "change_request": _FOR_CUSTOMERS,
    "answer_charge": _FOR_CUSTOMERS,
    "record_receipt": _COUNT,
    "record_inspection": _COUNT,
    "attest_wipe": _COUNT | _REPAIRING,
    "record_diagnosis": _REPAIRING,
    "answer_estimate": _FOR_CUSTOMERS,
    "record_repair": _REPAIRING,
    "record_check": _REPAIRING,
    "revive": _ADMIN,
    "release": _ADMIN,
    "open_case": _ASK,
    "add_message": _ASK | _FOR_CUSTOMERS,
    "close_case": _ASK | _FOR_CUSTOMERS,
    "make_return": _FOR_CUSTOMERS,
}

_RETURN: Final = "/v1/returns/{return_id}"
_REPAIR: Final = f"{_RETURN}/repairs/{{unit_id:path}}"
_CASE: Final = "/v1/support-cases/{case_id}"
_PARTNER: Final = "/v1/partners/{partner}"
_SUBSCRIPTION: Final = "/v1/subscriptions/{subscription_id}"
_INBOX: Final = "/v1/inbox/{event_id}"
_SUPPLIER: Final = "/v1/suppliers/{supplier_id:path}"
_PAGE: Final = "/returns/{return_id}"

#: Served beside every part.
_HEALTH: Final[Mapping[Row, Scopes | Other]] = {
    ("GET", "/healthz"): Other.ANYBODY,
    ("GET", "/readyz"): Other.ANYBODY,
}
#: Where events say that their schemas are: at the public address, whatever else is served there.
_SCHEMAS: Final[Mapping[Row, Scopes | Other]] = {
    ("GET", "/schemas"): Other.ANYBODY,
    ("GET", "/schemas/{name}"): Other.ANYBODY,
}
#: Served beside every page.
_STATIC: Final[Mapping[Row, Scopes | Other]] = {
    ("GET", "/static/{version}/{name}"): Other.ANYBODY,
}
#: Served beside every page of the staff.
_STAFF: Final[Mapping[Row, Scopes | Other]] = {
    **_form("/staff/sign-in", Other.ANYBODY),
    ("POST", "/staff/sign-out"): Other.ANYBODY,
    **_form("/staff/link", Other.LINK),
    ("GET", "/staff/oidc"): Other.ANYBODY,
    ("GET", "/staff/oidc/callback"): Other.ANYBODY,
    ("GET", "/staff"): Other.STAFF,
    ("POST", "/staff/password"): Other.STAFF,
    ("POST", "/staff/sessions"): Other.STAFF,
}
PARTS: Final[Mapping[Part, Mapping[Row, Scopes | Other]]] = {
    "api": {
        **_HEALTH,
        **_SCHEMAS,
        ("POST", "/v1/returns"): UPDATES["start"],
        ("GET", "/v1/returns"): _READ,
        ("GET", _RETURN): _READ,
        ("GET", f"{_RETURN}/label"): _READ,
        ("GET", f"{_RETURN}/pickup-slots"): _READ,
        ("GET", f"{_RETURN}/drop-off-points"): _READ,
        ("POST", "/v1/quotes"): _START | _READ,
        ("POST", "/v1/portal-links"): _any_of("vouch", "support"),
        ("POST", f"{_RETURN}/links"): _any_of("vouch", "support", "read"),
        ("POST", f"{_RETURN}/approve"): UPDATES["approve"],
        ("POST", f"{_RETURN}/decline"): UPDATES["decline"],
        ("POST", f"{_RETURN}/attention"): UPDATES["resolve_attention"],
        ("POST", f"{_RETURN}/override"): UPDATES["override"],
        ("POST", f"{_RETURN}/cancel"): UPDATES["cancel"],
        ("POST", f"{_RETURN}/change"): UPDATES["change_request"],
        ("POST", f"{_RETURN}/charge"): UPDATES["answer_charge"],
        ("POST", f"{_RETURN}/receipts"): UPDATES["record_receipt"],
        ("POST", f"{_RETURN}/inspections"): UPDATES["record_inspection"],
        ("POST", f"{_RETURN}/wipes"): UPDATES["attest_wipe"],
        ("POST", f"{_REPAIR}/diagnosis"): UPDATES["record_diagnosis"],
        ("POST", f"{_REPAIR}/estimate"): UPDATES["answer_estimate"],
        ("POST", f"{_REPAIR}/repair"): UPDATES["record_repair"],
        ("POST", f"{_REPAIR}/check"): UPDATES["record_check"],
        ("POST", f"{_REPAIR}/attention"): UPDATES["resolve_attention"],
        ("GET", "/v1/repairs"): _READ | _REPAIRING,
        ("GET", "/v1/repairs/{return_id}/{unit_id:path}"): _READ | _REPAIRING,
        ("POST", f"{_RETURN}/revive"): UPDATES["revive"],
        ("POST", f"{_RETURN}/release"): UPDATES["release"],
        ("GET", "/v1/store-credit"): _CREDIT | _READ,
        ("POST", "/v1/store-credit/spend"): _CREDIT,
        ("POST", "/v1/store-credit/give-back"): _CREDIT,
        ("POST", "/v1/store-credit/take-back"): _DECIDE,
        ("GET", "/v1/stock"): _READ | _COUNT,
        ("POST", "/v1/stock/add"): _COUNT,
        ("POST", "/v1/stock/release"): _DECIDE,
        ("GET", "/v1/suppliers"): _READ,
        ("GET", _SUPPLIER): _READ,
        ("POST", f"{_SUPPLIER}/authorise"): _DECIDE,
        ("POST", f"{_SUPPLIER}/shipments"): _DECIDE,
        ("POST", f"{_SUPPLIER}/credits"): _DECIDE,
        ("POST", f"{_SUPPLIER}/refuse"): _DECIDE,
        ("GET", "/v1/promise"): _READ,
        ("GET", "/v1/inbox"): _READ | _DECIDE,
        ("POST", "/v1/inbox/dismiss"): _DECIDE,
        ("POST", f"{_INBOX}/attach"): UPDATES["resolve_attention"],
        ("POST", f"{_INBOX}/dismiss"): UPDATES["resolve_attention"],
        ("GET", "/v1/faq"): _ASK | _READ,
        ("POST", "/v1/support-cases"): UPDATES["open_case"],
        ("GET", "/v1/support-cases"): _READ | _any_of("support"),
        ("GET", _CASE): _READ | _any_of("support"),
        ("POST", f"{_CASE}/messages"): UPDATES["add_message"],
        ("POST", f"{_CASE}/close"): UPDATES["close_case"],
        ("POST", f"{_CASE}/return"): UPDATES["make_return"],
        ("GET", "/v1/attention"): _DECIDE,
        ("POST", "/v1/attention"): _DECIDE,
        ("GET", "/v1/findings"): _DECIDE,
        ("POST", "/v1/findings/acknowledge"): _DECIDE,
        ("GET", "/v1/partners"): _DECIDE,
        ("POST", f"{_PARTNER}/retries"): _DECIDE,
        ("POST", f"{_PARTNER}/retries/reset"): _DECIDE,
        ("POST", f"{_PARTNER}/retries/now"): _DECIDE,
        ("POST", f"{_PARTNER}/limit"): _DECIDE,
        ("GET", "/v1/events"): _READ,
        ("GET", "/v1/subscriptions"): _ADMIN,
        ("POST", "/v1/subscriptions"): _ADMIN,
        ("GET", _SUBSCRIPTION): _ADMIN,
        ("DELETE", _SUBSCRIPTION): _ADMIN,
        ("POST", f"{_SUBSCRIPTION}/change"): _ADMIN,
        ("POST", f"{_SUBSCRIPTION}/rotate"): _ADMIN,
        ("POST", f"{_SUBSCRIPTION}/test"): _ADMIN,
        ("POST", f"{_SUBSCRIPTION}/replay"): _ADMIN,
        ("GET", "/docs"): Other.ANYBODY,
        ("GET", "/openapi.json"): Other.ANYBODY,
    },
    "webhooks": {
        **_HEALTH,
        **{("POST", f"/v1/webhooks/{name}"): Other.SIGNATURE for name in WEBHOOKS},
    },
    "desk": {
        **_HEALTH,
        **_STATIC,
        **_STAFF,
        ("GET", "/desk"): _READ,
        ("GET", "/desk/returns"): _READ,
        ("GET", "/desk/returns.csv"): _READ,
        ("GET", "/desk/returns/{return_id}"): _READ,
        ("POST", "/desk/returns/{return_id}"): _FOR_CUSTOMERS,
        ("POST", "/desk/inbox/{event_id}"): UPDATES["resolve_attention"],
        ("POST", "/desk/calls/{call_id}"): UPDATES["resolve_attention"],
        **_form("/desk/start", UPDATES["start"]),
        **_form("/desk/policy", _READ),
        **_form("/desk/people", _ADMIN),
        ("POST", "/desk/people/{staff_id}"): _ADMIN,
        ("GET", "/desk/operations"): _DECIDE,
        ("POST", "/desk/operations/partners/{partner}"): _DECIDE,
        ("POST", "/desk/operations/findings"): _DECIDE,
        ("GET", "/desk/figures"): _READ,
        ("GET", "/desk/figures.csv"): _READ,
        ("GET", "/desk/questions"): _READ,
        ("GET", "/desk/questions/{case_id}"): _READ,
        ("POST", "/desk/questions/{case_id}"): _FOR_CUSTOMERS,
    },
    "warehouse": {
        **_HEALTH,
        **_STATIC,
        **_STAFF,
        **_form("/warehouse/sign-in", Other.ANYBODY),
        ("POST", "/warehouse/sign-out"): Other.ANYBODY,
        **_form("/warehouse/place", _FLOOR),
        ("GET", "/warehouse"): _FLOOR,
        ("GET", "/warehouse/scan"): _FLOOR,
        ("GET", "/warehouse/waiting"): _TABLE,
        ("POST", "/warehouse/calls"): _FLOOR,
        **_form(f"/warehouse{_PAGE}", _TABLE),
        **_form(f"/warehouse{_PAGE}/grade", _TABLE),
        ("GET", "/warehouse/bench"): _BENCH,
        **_form("/warehouse/bench/{return_id}/{unit_id:path}", _BENCH),
    },
    "portal": {
        **_HEALTH,
        **_SCHEMAS,
        **_STATIC,
        **_form("/", Other.ANYBODY),
        ("GET", "/link-sent"): Other.ANYBODY,
        ("GET", "/enter"): Other.LINK,
        ("GET", "/public/status"): Other.LINK,
        ("GET", "/public/label"): Other.LINK,
        **_form("/sign-in", Other.LINK),
        ("POST", "/sign-out"): Other.ANYBODY,
        ("GET", "/help"): Other.ANYBODY,
        ("GET", "/help/faq/{faq_id}"): Other.ANYBODY,
        ("POST", "/help/faq/{faq_id}/answered"): Other.ANYBODY,
        ("GET", "/help/answered"): Other.ANYBODY,
        **_form("/help/contact", Other.ANYBODY),
        **_form("/help/case", Other.LINK),
        ("GET", "/help/cases/{case_id}"): Other.CASE,
        ("POST", "/help/cases/{case_id}/messages"): Other.CASE,
        ("POST", "/help/cases/{case_id}/close"): Other.CASE,
        ("GET", "/orders/{order_id:path}"): Other.ORDER,
        **_form("/orders/{order_id:path}/return", Other.ORDER),
        ("GET", _PAGE): Other.ORDER,
        ("GET", f"{_PAGE}/label"): Other.ORDER,
        **_form(f"{_PAGE}/change", Other.ORDER),
        **_form(f"{_PAGE}/pickup", Other.ORDER),
        **_form(f"{_PAGE}/estimate", Other.ORDER),
        **_form(f"{_PAGE}/cancel", Other.ORDER),
        **_form(f"{_PAGE}/charge", Other.ORDER),
    },
}
#: What `homeward codec` serves, in a process of its own: what it reads, `read` shows too.
CODEC: Final[Mapping[Row, Scopes | Other]] = {("POST", "/decode"): _READ, **_form("/sign-in", Other.ANYBODY)}
TABLE: Final[Mapping[Row, Scopes | Other]] = {row: opens for rows in PARTS.values() for row, opens in rows.items()}


def rows_of(parts: Collection[Part]) -> frozenset[Row]:
    """Every method and path that belongs to one of these parts, or comes along with it."""
    return frozenset(row for part in parts for row in PARTS[part])


def scopes_of(method: str, path: str) -> Scopes:
    """The scopes of which one opens this route; none where it asks for no key. ``KeyError`` for one without a row."""
    row = (method, path)
    opens = CODEC[row] if row in CODEC else TABLE[row]
    return frozenset() if isinstance(opens, Other) else opens


def scopes_of_roles(roles: Iterable[str]) -> Scopes:
    """What staff of these roles may do; one that there is not, any more, is worth nothing."""
    return frozenset(scope for role, scopes in ROLES.items() if role in roles for scope in scopes)


def staff_may_open(scopes: Scopes, method: str, path: str) -> bool:
    """Whether staff with these scopes may open a page; false for one without a row."""
    opens = TABLE.get((method, path), frozenset())
    return opens is Other.STAFF if isinstance(opens, Other) else bool(scopes & opens)


def only_parts(parts: Collection[Part], routers: Iterable[APIRouter]) -> list[APIRouter]:
    """The same routers with the routes of these parts alone; any other address is then one that does not exist."""
    rows = rows_of(parts)
    return [
        APIRouter(routes=[route for route in router.routes if isinstance(route, APIRoute) and _is_in(rows, route)])
        for router in routers
    ]


def _is_in(rows: Collection[Row], route: APIRoute) -> bool:
    return any((method, route.path) in rows for method in route.methods or ())
