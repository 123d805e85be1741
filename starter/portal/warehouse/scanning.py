"""What a scan leads to: a parcel's tracking code, a return's id, or a unit's serial number."""

import re
from dataclasses import dataclass
from typing import Final

from gateways.database.engine import Database
from gateways.database.lookup import return_of_tracking_code, returns_of_serial_number
from gateways.database.returns.records import get_return
from lifecycle.contract.scanned_codes import folded
from lifecycle.contract.view import View

#: Longer than anything that we keep.
_LONGEST: Final = 200
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
#: The barcode of a USPS label puts 420 and the ZIP code of 5 or 9 digits before the tracking code.
_USPS: Final = re.compile(r"^420(?:\d{5}|\d{9})(?P<code>9\d{21,25})$")
_RETURN_ID: Final = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")


@dataclass(frozen=True)
class Found:
    """The returns that a scan may mean; ``serial_number`` when a unit was scanned, and not its parcel."""

    return_ids: tuple[str, ...] = ()
    serial_number: str | None = None


def cleaned(scan: str) -> str:
    """The code without what scanners put around and into it."""
    return _CONTROL.sub("", scan).strip()[:_LONGEST]


async def find(db: Database, scan: str) -> Found:
    """Look a scan up; raises ``Unavailable``."""
    code = cleaned(scan)
    if not code:
        return Found()
    for return_id in dict.fromkeys((code, code.upper())):
        if _RETURN_ID.match(return_id) and await get_return(db, return_id):
            return Found((return_id,))
    usps = _USPS.match(code)
    for tracking_code in (code, usps["code"]) if usps else (code,):
        of_parcel = await return_of_tracking_code(db, tracking_code)
        if of_parcel:
            return Found((of_parcel,))
    of_unit = await returns_of_serial_number(db, code)
    return Found(tuple(of_unit), code) if of_unit else Found()


def is_itself(view: View, scan: str) -> bool:
    """Whether the code is the return's own, or its parcel's."""
    return folded(scan) in {folded(code) for code in (view.return_id, view.handover.tracking_code) if code}
