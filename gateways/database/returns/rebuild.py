"""What the database knows of an open return, for when nobody who knows better answers."""

from gateways.database.engine import Database
from gateways.database.ledger import DONE, effects_of
from gateways.database.returns.records import StoredReturn
from gateways.database.stock.inventory import movements_of
from lifecycle.contract.request import ReturnRequest
from lifecycle.contract.view import View
from lifecycle.returns.views.rebuild import Effect, Move, view_from_records


async def view_from_database(database: Database, row: StoredReturn) -> View:
    """A view from the records of a return: what was decided, bought, received and paid."""
    effects = await effects_of(database, row.return_id)
    moves = await movements_of(database, row.return_id)
    return view_from_records(
        row.return_id,
        ReturnRequest.model_validate(row.request),
        row.opened_at,
        [Effect(entry["step"], entry["at"], entry["result"] or {}) for entry in effects if entry["state"] == DONE],
        [
            Move(move["unit_id"], move["kind"], move["grade"], move["location"], move["at"])
            for move in moves
            if move["unit_id"]
        ],
    )
