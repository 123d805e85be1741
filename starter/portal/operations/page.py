"""The page of whoever runs the shop's engine: partners that fail, how they are tried again, and the books.

It does what ``homeward retries``, ``pause``, ``resume``, ``limits`` and ``findings`` do, and their HTTP calls.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Any, Final
from urllib.parse import urlencode

import structlog
from fastapi import APIRouter, HTTPException, Path, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from client.errors import UnknownFinding, UnknownPartner
from client.partners.dispatch import PARTNERS as LIMITED
from lifecycle.contract.boundary import read
from lifecycle.contract.errors import InvalidRequest
from lifecycle.reconciliation.acknowledge import AcknowledgeFinding
from lifecycle.shared.lengths import length_of
from starter.portal.desk.shown import common
from starter.portal.operations.acts import ACTS, Pressed, reason_of
from starter.portal.operations.reading import MOST_FINDINGS, in_words, operations
from starter.portal.shared import forms
from starter.portal.shared.pages import page
from starter.portal.shared.texts import t
from starter.portal.staff.guard import PersonDep
from starter.portal.staff.person import Person
from starter.portal.warehouse.repair_queue import since
from starter.shared.findings import acknowledge
from starter.shared.retries import PARTNERS, Moved, Retries
from starter.shared.services import Services, ServicesDep

router = APIRouter()
_HERE: Final = "/desk/operations"
_LETTERS: Final = 12
#: What may be typed of a partner.
_FIELDS: Final = frozenset(
    {"why", "initial", "maximum", "give_up_after", "retry_after_maximum", "recovery_rps", "code", "rps", "for"}
)
_DONE_TO_FINDINGS: Final = ("acknowledge", "take_back")
_log = structlog.get_logger("homeward.operations")
PartnerName = Annotated[str, Path(max_length=50)]


@dataclass(frozen=True)
class Refusal:
    """What was not done, to which partner or finding (``of``), why, and what had been typed."""

    do: str
    of: str
    problem: str
    typed: Mapping[str, str] = field(default_factory=dict)


@router.get(_HERE)
async def show(request: Request, services: ServicesDep, clerk: PersonDep) -> Response:
    """Everything as it stands."""
    return await _page(request, services, clerk)


@router.post(_HERE + "/partners/{partner}")
async def say(
    partner: PartnerName, request: Request, services: ServicesDep, clerk: PersonDep, form: forms.FormDep
) -> Response:
    """Do what was pressed; of two who say something at once, the other is told who was first."""
    do = forms.field(form, "do")
    act = ACTS.get(do)
    if act is None or partner not in PARTNERS:
        raise HTTPException(404 if act else 422)
    if first := await _first(services, partner, form, clerk):
        return await _refused(request, services, clerk, form, do, partner, first, 409)
    try:
        moved = await act(Pressed(services, partner, clerk.name, form))
    except InvalidRequest as error:
        told = "; ".join(f"{_named(name)}: {text}" for name, text in error.problems)
        return await _refused(request, services, clerk, form, do, partner, told, 422)
    except UnknownPartner:
        raise HTTPException(404) from None
    _log.info("partner_operated", partner=partner, act=do, moved=moved.moved, left=moved.left)
    return _done(do, partner, f"partner-{partner}", moved)


@router.post(_HERE + "/findings")
async def note(request: Request, services: ServicesDep, clerk: PersonDep, form: forms.FormDep) -> Response:
    """Acknowledge a finding, or take that back; one that has gone meanwhile is refused."""
    do, return_id = forms.field(form, "do"), forms.field(form, "return_id")
    if do not in _DONE_TO_FINDINGS:
        raise HTTPException(422)
    try:
        raw = {"by": clerk.name, "why": reason_of(form), "return_id": return_id, "kind": forms.field(form, "kind")}
        about = {"subject": forms.field(form, "subject") or None, "take_back": do == "take_back"}
        await acknowledge(services.db, read(AcknowledgeFinding, raw | about))
    except InvalidRequest as error:
        return await _refused(request, services, clerk, form, do, return_id, str(error), 422)
    except UnknownFinding as error:
        return await _refused(request, services, clerk, form, do, return_id, str(error), 409)
    return _done(do, return_id, "findings", Moved(0, 0))


def _named(name: str) -> str:
    """A message's field, as the form calls it."""
    name = name.removesuffix("_seconds")
    return t(f"operations.field.{name}") if name in _FIELDS else name


async def _first(services: Services, partner: str, form: FormData, clerk: Person) -> str | None:
    """What somebody else has said of the partner since the page was shown; None where nobody has."""
    row = await Retries(services.client, services.db, services.settings).of(partner)
    limit, changed = row["limit"], row["changed"]
    if limit and _mark(limit["reason"]) != forms.field(form, "limit") and not _is_by(limit["reason"], clerk):
        return t("operations.first", what=limit["reason"])
    if changed and _mark(changed["at"]) != forms.field(form, "changed") and changed["by"] != clerk.name:
        return t("operations.first", what=f"{changed['why']} ({changed['by']})")
    return None


def _is_by(reason: str | None, clerk: Person) -> bool:
    return (reason or "").endswith(f"({clerk.name})")


def _mark(said: Any) -> str:
    """Tells what a page has shown from what was said since."""
    return sha256(json.dumps(said, default=str).encode()).hexdigest()[:_LETTERS]


def _done(do: str, of: str, place: str, moved: Moved) -> Response:
    told = urlencode({"said": do, "of": of, "moved": moved.moved, "left": moved.left})
    return RedirectResponse(f"{_HERE}?{told}#{place}", 303)


async def _refused(
    request: Request,
    services: Services,
    clerk: Person,
    form: FormData,
    do: str,
    of: str,
    problem: str,
    status: int,
) -> Response:
    typed = {name: forms.field(form, name)[:500] for name in _FIELDS}
    return await _page(request, services, clerk, refusal=Refusal(do, of, problem, typed), status=status)


async def _page(
    request: Request, services: Services, clerk: Person, *, refusal: Refusal | None = None, status: int = 200
) -> Response:
    return page(
        request,
        "operations/operations.html",
        status=status,
        found=await operations(services),
        refusal=refusal,
        said=None if refusal else _said(request),
        limited=LIMITED,
        told_to=PARTNERS,
        most=MOST_FINDINGS,
        in_words=in_words,
        length=length_of,
        mark=_mark,
        since=since,
        now=datetime.now(UTC),
        **common(request, clerk),
    )


def _said(request: Request) -> str | None:
    """What was done a moment ago, by the address; None for nothing, and for what nobody does."""
    asked = request.query_params
    do, of = asked.get("said", ""), asked.get("of", "")
    if do in ACTS and of in PARTNERS:
        moved, left = (
            int(text) if (text := asked.get(name, "")).isdecimal() and len(text) < 8 else 0
            for name in ("moved", "left")
        )
        said = t(f"operations.done.{do}", partner=t(f"operations.partner.{of}"), count=moved)
        return f"{said} {t('operations.done.left', count=left)}" if left else said
    return t(f"operations.done.{do}", id=of[:100]) if do in _DONE_TO_FINDINGS else None
