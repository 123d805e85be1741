"""Links in mails that let their reader in: signed with the portal's secret, and dated."""

from itsdangerous import URLSafeTimedSerializer

from gateways.database.engine import Database
from gateways.database.secrets import secret

#: What a link to a support case is signed for.
CASE = "support case"


async def case_link(database: Database, front_door: str, case_id: str) -> str:
    """The address of a case's page, for the customer whose case it is. Raises ``Unavailable``."""
    sealed = URLSafeTimedSerializer(await secret(database, "portal"), salt=CASE).dumps(case_id)
    return f"{front_door}/help/case?key={sealed!s}"
