"""Pages: templates with the words of the catalogue, every value escaped, a missing one an error."""

from collections.abc import Callable
from functools import cache
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from lifecycle.contract.statuses import ENDED_UNSETTLED, SETTLED
from starter.portal.shared import formats
from starter.portal.shared.assets import asset
from starter.portal.shared.forms import csrf_token
from starter.portal.shared.session import session_of, visitor
from starter.portal.shared.steps import step_name
from starter.portal.shared.texts import t
from starter.shared.services import Services

#: Leads whoever is signed in to the first page that their roles open.
_STAFF_HOME = "/staff/sign-in"


@cache
def templates() -> Environment:
    """All templates; ``t`` gives texts, ``asset`` the address of a file; statuses are grouped as in a view."""
    env = Environment(
        loader=PackageLoader("starter.portal"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.globals |= {
        "t": t,
        "asset": asset,
        "step_name": step_name,
        "SETTLED": SETTLED,
        "ENDED_UNSETTLED": ENDED_UNSETTLED,
    }
    env.filters |= {"money": formats.money}
    return env


def page(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """Render a template; besides ``values`` it has what ``_shared`` names."""
    content = templates().get_template(template).render(_shared(request) | values)
    return HTMLResponse(content, status_code=status)


def _shared(request: Request) -> dict[str, Any]:
    """What every template may use: the shop's name, who looks, whether keys are asked for, ``csrf()`` and days."""
    services: Services = request.app.state.services
    policy = services.policy()
    csrf: Callable[[], str] = lambda: csrf_token(request)  # noqa: E731 - made only for pages with forms
    return {
        "shop": policy.shop.name,
        "visitor": visitor(request),
        "keyless": not (services.settings.asks_for_keys or services.stored_keys.any),
        "path": request.url.path,
        "home": _home(request),
        "return_to": session_of(request).get("return_to"),
        "csrf": csrf,
        "days": formats.Days(policy.clock.timezone),
    }


def _home(request: Request) -> str:
    """Where the shop's name and error pages lead: staff to where they begin, whoever they are."""
    for part in ("/desk", "/warehouse"):
        if request.url.path == part or request.url.path.startswith(f"{part}/"):
            return part if part == "/warehouse" else _STAFF_HOME
    return _STAFF_HOME if request.url.path.startswith("/staff") else str(request.app.state.home)
