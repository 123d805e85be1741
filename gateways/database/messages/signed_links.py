"""Links in mails and from the shop's pages that let their reader in: signed with the portal's secret, and dated."""

from secrets import token_hex
from typing import Any, Final

from itsdangerous import URLSafeTimedSerializer

from gateways.database.engine import Database
from gateways.database.secrets import secret

#: What a link to a support case is signed for, and one to an order.
CASE: Final = "support case"
SIGN_IN: Final = "sign-in"
#: Hours that a link to an order can be used.
SIGN_IN_HOURS: Final = 2
#: What a link from the shop's own pages is signed for, and seconds that it can be used.
PORTAL_LINK: Final = "portal link"
PORTAL_LINK_SECONDS: Final = 300
#: What a link is signed for that shows a part of a return to whoever has it.
PUBLIC_LINK: Final = "public link"


async def case_link(database: Database, front_door: str, case_id: str) -> str:
    """The address of a case's page, for the customer whose case it is. Raises ``Unavailable``."""
    return f"{front_door}/help/case?key={await _seal(database, CASE, case_id)}"


async def sign_in_link(database: Database, front_door: str, order_id: str) -> str:
    """What opens an order, once; each link is another one. Raises ``Unavailable``."""
    return f"{front_door}/sign-in?token={await _seal(database, SIGN_IN, [order_id, token_hex(8)])}"


async def portal_link(database: Database, front_door: str, sealed: list[str | None]) -> str:
    """What opens the portal's pages for whoever is signed in at the shop. Raises ``Unavailable``."""
    return f"{front_door}/enter?token={await _seal(database, PORTAL_LINK, sealed)}"


async def public_link(database: Database, front_door: str, page: str, sealed: list[str | int]) -> str:
    """What shows a part of a return to whoever has it. Raises ``Unavailable``."""
    return f"{front_door}/public/{page}?token={await _seal(database, PUBLIC_LINK, sealed)}"


async def _seal(database: Database, purpose: str, value: Any) -> str:
    return str(URLSafeTimedSerializer(await secret(database, "portal"), salt=purpose).dumps(value))
