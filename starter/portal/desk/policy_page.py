"""The policy in force, the versions that returns go by, and a draft that is checked without being kept."""

from dataclasses import dataclass, field
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from gateways.database.returns.listing import policy_versions
from lifecycle.contract.policy import InvalidPolicy, Policy, parse_policy
from lifecycle.shared.policy_text import flat, line_of
from starter.portal.desk.shown import common
from starter.portal.shared.forms import FormDep
from starter.portal.shared.pages import page
from starter.portal.shared.texts import t
from starter.portal.staff.guard import PersonDep
from starter.portal.staff.person import Person
from starter.shared.services import Services, ServicesDep

router = APIRouter()
_LONGEST: Final = 100_000
#: Returns whose policy's version is looked at, the newest.
_NEWEST: Final = 500


@dataclass(frozen=True)
class Draft:
    """What was typed; ``problems`` by key and line, else ``changes`` as key, value in force, value in the draft."""

    text: str
    problems: list[tuple[str, int | None, str]] = field(default_factory=list)
    changes: list[tuple[str, str, str]] = field(default_factory=list)


@router.get("/desk/policy")
async def show(request: Request, services: ServicesDep, clerk: PersonDep) -> Response:
    """The policy as it stands."""
    return await _page(request, services, clerk)


@router.post("/desk/policy")
async def check(request: Request, services: ServicesDep, clerk: PersonDep, form: FormDep) -> Response:
    """Check a draft, and show what it would change; nothing is kept."""
    typed = form.get("draft", "")
    text = typed[:_LONGEST] if isinstance(typed, str) else ""
    return await _page(request, services, clerk, _checked(text, services.policy()))


def _checked(text: str, in_force: Policy) -> Draft:
    try:
        draft = parse_policy(text)
    except InvalidPolicy as error:
        return Draft(text, [(key, line_of(text, key), what) for key, what in error.problems])
    before, after = _flat(in_force), _flat(draft)
    changed = [key for key in sorted(before.keys() | after.keys()) if before.get(key) != after.get(key)]
    return Draft(text, changes=[(key, said(before.get(key)), said(after.get(key))) for key in changed])


def _flat(policy: Policy) -> dict[str, Any]:
    return flat(policy.model_dump(mode="json"))


def said(value: Any) -> str:
    """A value as people read it."""
    if value is None or value == []:
        return t("desk.policy.none")
    if isinstance(value, bool):
        return t("desk.policy.yes") if value else t("desk.policy.no")
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


async def _page(request: Request, services: Services, clerk: Person, draft: Draft | None = None) -> Response:
    policy = services.policy()
    keys = [(key.partition("."), said(value)) for key, value in _flat(policy).items()]
    sections = {name: [(rest, value) for (of, _, rest), value in keys if of == name] for (name, _, _), _ in keys}
    return page(
        request,
        "desk/policy.html",
        status=422 if draft and draft.problems else 200,
        policy=policy,
        sections={name: rows for name, rows in sections.items() if all(rest for rest, _ in rows)},
        versions=await policy_versions(services.db, _NEWEST),
        draft=draft,
        **common(request, clerk),
    )
