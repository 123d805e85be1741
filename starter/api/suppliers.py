"""What goes back to suppliers, and what they say to it: one call for each update (CONTRACT section 7)."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from client.suppliers import Suppliers, UnknownSupplier
from lifecycle.suppliers import messages
from lifecycle.suppliers.state import SupplierSummary, SupplierView
from starter.api.returns.actions import Action
from starter.api.shared.api_keys import CallerDep, authenticate
from starter.api.shared.bodies import Body, answers, json_of
from starter.api.shared.idempotency import Repeats
from starter.api.shared.problems import ALWAYS, INVALID, KEY_REUSED, NOT_ALLOWED, NOT_FOUND, OF_A_BODY
from starter.shared.services import PATIENCE, Services, ServicesDep

router = APIRouter(prefix="/v1/suppliers", tags=["suppliers"])
_LONGEST_ID: Final = 100


async def _supplier_id(supplier_id: Annotated[str, Path(examples=["acme"])]) -> str:
    """Any text: one that no supplier can have is unknown, as any other."""
    if not 0 < len(supplier_id) <= _LONGEST_ID:
        raise UnknownSupplier(supplier_id)
    return supplier_id


_SupplierId = Annotated[str, Depends(_supplier_id)]
_UNIT: Final = "R-1001/1-1"
_SUMMARY: Final[dict[str, Any]] = {
    "supplier_id": "acme",
    "units": {"gathered": 0, "asked": 0, "authorised": 1, "shipped": 0, "credited": 3, "refused": 0},
    "credited": {"USD": 6000},
    "attention": None,
    "ignored": [],
}
_VIEW: Final[dict[str, Any]] = {
    "supplier_id": "acme",
    "totals": _SUMMARY,
    "units": [
        {
            "unit_id": _UNIT,
            "sku": "SHOE-42",
            "serial_number": None,
            "stage": "authorised",
            "since": "2026-11-24T15:04:05Z",
            "reminded_at": None,
            "batch": 2,
            "authorisation_id": "RMA-12",
            "shipment_id": None,
            "credit_id": None,
            "reason": None,
        }
    ],
    "authorisations": [{"authorisation_id": "RMA-12", "by": "alex", "at": "2026-11-24T15:04:05Z"}],
    "shipments": [],
    "credits": [],
    "next": None,
    "attention": None,
    "timeline": [{"at": "2026-11-24T15:04:05Z", "event": "authorised", "by": "alex", "detail": "RMA-12"}],
}


class SuppliersQuery(BaseModel):
    """How many."""

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=100)] = 100


class SupplierList(BaseModel):
    """Suppliers for whom something was gathered, by their ids."""

    suppliers: list[SupplierSummary]


#: Calls, by the names of their updates.
ACTIONS: Final = (
    Action(
        "authorise",
        Body(messages.Authorise, {"authorisation_id": "RMA-12", "by": "alex", "unit_ids": [_UNIT]}),
        Suppliers.authorise,
        "Record that a supplier takes units back",
        has_id=True,
    ),
    Action(
        "shipments",
        Body(messages.RecordShipment, {"shipment_id": "SH-7", "by": "goods out", "tracking_code": "JD014600003"}),
        Suppliers.record_shipment,
        "Record that everything authorised went out",
        has_id=True,
    ),
    Action(
        "credits",
        Body(
            messages.RecordCredit,
            {"credit_id": "CN-3", "by": "finance", "amount": 2000, "currency": "USD", "unit_ids": [_UNIT]},
        ),
        Suppliers.record_credit,
        "Record what a supplier gave back",
        has_id=True,
    ),
    Action(
        "refuse",
        Body(messages.Refuse, {"by": "alex", "unit_ids": [_UNIT], "reason": "out of warranty"}),
        Suppliers.refuse,
        "Record that a supplier does not take units, or does not pay for them",
    ),
)
_NAMES: Final = {
    "authorise": "authorise_supplier_units",
    "shipments": "record_supplier_shipment",
    "credits": "record_supplier_credit",
    "refuse": "refuse_supplier_units",
}


@router.get(
    "",
    summary="List suppliers",
    **answers(SupplierList, {"suppliers": [_SUMMARY]}, "By their ids.", *ALWAYS, INVALID),
    dependencies=[Depends(authenticate)],
)
async def list_suppliers(wishes: Annotated[SuppliersQuery, Query()], services: ServicesDep) -> Response:
    """How many units are at which stage, and what each gave back, by currency."""
    return json_of(SupplierList(suppliers=await _suppliers(services).list(wishes.limit)))


@router.get(
    "/{supplier_id:path}",
    summary="Show what goes back to a supplier",
    **answers(SupplierView, _VIEW, "All there is to see.", *ALWAYS, NOT_FOUND),
    dependencies=[Depends(authenticate)],
)
async def show_supplier(supplier_id: _SupplierId, services: ServicesDep) -> Response:
    """Units with their stages, papers and timeline; units that ended long ago are counted in `totals` alone."""
    return json_of(await _suppliers(services).view(supplier_id))


def _suppliers(services: Services) -> Suppliers:
    return Suppliers(services.client, PATIENCE)


def _add(action: Action) -> None:
    async def act(
        supplier_id: _SupplierId,
        caller: CallerDep,
        message: Annotated[Any, Depends(action.body)],
        repeats: Repeats,
        services: ServicesDep,
    ) -> Response:
        await repeats.return_id(services, caller, message, supplier_id)
        more = () if action.has_id else (repeats.request_id(caller),)
        send: Callable[..., Awaitable[BaseModel]] = action.send
        return json_of(await send(_suppliers(services), supplier_id, caller.signs(message), *more))

    problems = (*ALWAYS, *OF_A_BODY, NOT_FOUND, NOT_ALLOWED, KEY_REUSED)
    router.add_api_route(
        endpoint=act,
        path=f"/{{supplier_id:path}}/{action.name}",
        methods=["POST"],
        operation_id=_NAMES[action.name],
        summary=action.summary,
        description=action.body.model.__doc__,
        **answers(SupplierSummary, _SUMMARY, "How many units are at which stage now.", *problems, body=action.body),
    )


for _action in ACTIONS:
    _add(_action)
