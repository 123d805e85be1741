"""Who works at the shop: let in, given other roles, let in no more. For managers; the same as `homeward staff` does."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final, get_args

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import Connection
from starlette.datastructures import FormData

from gateways.database.staff import accounts, acts, people
from gateways.database.staff.accounts import LoginTakenError, NoSuchStaffError
from gateways.database.staff.acts import Act, Did
from gateways.database.staff.people import LastManagerError
from starter.portal.shared.forms import FormDep, field
from starter.portal.shared.pages import page
from starter.portal.staff.guard import PersonDep
from starter.portal.staff.person import Person
from starter.shared.services import Services, ServicesDep
from starter.shared.staff_links import StaffLink, link_for
from starter.shared.staff_names import is_login, is_name
from workers.setting_values import StaffRole

router = APIRouter()
_PATH: Final = "/desk/people"
_NEWEST: Final = 30
#: What a button does, and what the list of acts calls it.
_DOES: Final[dict[str, Did]] = {
    "roles": "roles", "disable": "disabled", "enable": "enabled", "link": "link", "sign_out": "signed_out",
}  # fmt: skip


@router.get(_PATH)
async def everybody(request: Request, services: ServicesDep, clerk: PersonDep, done: str = "") -> Response:
    """All who may sign in, and who changed what of it; ``done`` is what was done just now."""
    return await _page(request, services, clerk, done=done if done in _DOES.values() else "")


@router.post(_PATH)
async def add(request: Request, services: ServicesDep, clerk: PersonDep, form: FormDep) -> Response:
    """Let somebody in: shows the link that lets them choose a password, once."""
    _check_ours(services)
    login, name, roles = field(form, "login").casefold(), field(form, "name"), _roles(form)
    wrong = {"login": not is_login(login), "name": not is_name(name), "roles": not roles}
    given = {"login": login, "name": name, "roles": roles}
    if problems := {key: f"staff.people.wrong_{key}" for key, is_wrong in wrong.items() if is_wrong}:
        return await _page(request, services, clerk, problems=problems, given=given)
    act = Act("added", clerk.name, datetime.now(UTC), ", ".join(roles))

    def work(connection: Connection) -> StaffLink:
        staff_id = accounts.add(connection, login, name, roles, act.at)
        acts.record(connection, staff_id, act)
        return link_for(connection, _door(request, services), staff_id)

    try:
        link = await services.db.write(work)
    except LoginTakenError:
        taken = {"login": "staff.link.taken_login"}
        return await _page(request, services, clerk, problems=taken, given=given)
    return await _page(request, services, clerk, link=link, link_of=name)


@router.post("/desk/people/{staff_id}")
async def change(request: Request, services: ServicesDep, clerk: PersonDep, staff_id: int, form: FormDep) -> Response:
    """Do what the button says; what would leave nobody to let others in is refused."""
    does, roles = field(form, "do"), _roles(form)
    if does not in _DOES or (does == "roles" and not roles):
        raise HTTPException(422)
    if does in ("roles", "link"):
        _check_ours(services)
    act = Act(_DOES[does], clerk.name, datetime.now(UTC), ", ".join(roles) if does == "roles" else "")
    try:
        made = await services.db.write(
            _doing(services.settings.staff_issuer, does, staff_id, roles, act, _door(request, services))
        )
    except NoSuchStaffError:
        raise HTTPException(404) from None
    except LastManagerError:
        return await _page(request, services, clerk, problems={"last": "staff.people.last"})
    if isinstance(made, tuple):
        return await _page(request, services, clerk, link=made[0], link_of=made[1])
    return RedirectResponse(f"{_PATH}?done={act.did}", 303)


def _doing(issuer: str, does: str, staff_id: int, roles: list[str], act: Act, door: str) -> Callable[[Connection], Any]:
    def link(connection: Connection) -> tuple[StaffLink, str]:
        whose = people.known(connection, staff_id)
        acts.record(connection, staff_id, act)
        return link_for(connection, door, staff_id), str(whose["name"])

    return {
        "roles": lambda connection: people.give_roles(connection, issuer, staff_id, roles, act),
        "disable": lambda connection: people.disable(connection, issuer, staff_id, act),
        "enable": lambda connection: people.enable(connection, issuer, staff_id, act),
        "sign_out": lambda connection: people.sign_out(connection, issuer, staff_id, act),
        "link": link,
    }[does]


def _roles(form: FormData) -> list[str]:
    """Those that were ticked, of those that there are."""
    return sorted({str(value) for value in form.getlist("role")} & set(get_args(StaffRole)))


def _check_ours(services: Services) -> None:
    """Raise 404 where a provider of OpenID Connect says who works here, and as what."""
    if services.settings.oidc_issuer:
        raise HTTPException(404)


def _door(request: Request, services: Services) -> str:
    return services.settings.staff_url or str(request.app.state.address)


async def _page(
    request: Request,
    services: Services,
    clerk: Person,
    *,
    done: str = "",
    problems: dict[str, str] | None = None,
    given: dict[str, Any] | None = None,
    link: StaffLink | None = None,
    link_of: str = "",
) -> Response:
    issuer = services.settings.staff_issuer
    theirs = [one for one in await accounts.everybody(services.db) if one["issuer"] == issuer]
    return page(
        request,
        "staff/people.html",
        status=422 if problems else 200,
        clerk=clerk,
        people=theirs,
        acts=await acts.newest(services.db, _NEWEST),
        every_role=get_args(StaffRole),
        issuer=issuer,
        done=done,
        problems=problems or {},
        given=given or {"login": "", "name": "", "roles": []},
        link=link,
        link_of=link_of,
    )
