"""What the portal signs: cookies, links in mails, ids in forms. One secret, kept in the database."""

from typing import Any

from itsdangerous import BadSignature, URLSafeTimedSerializer

from gateways.database.engine import Database
from gateways.database.secrets import secret


class Signer:
    """Signs values for one purpose each, and verifies what it has signed."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._secret: str | None = None

    async def secret(self) -> str:
        """The portal's signing secret; raises ``Unavailable``."""
        if self._secret is None:
            self._secret = await secret(self._db, "portal")
        return self._secret

    async def sign(self, purpose: str, value: Any) -> str:
        """Sign a JSON value; fits into an address. It can be read by whoever has it."""
        return str(URLSafeTimedSerializer(await self.secret(), salt=purpose).dumps(value))

    async def verified(self, purpose: str, sealed: str, max_age: int) -> Any | None:
        """The value; None when it was signed for something else, longer than ``max_age`` seconds ago, or not by us."""
        try:
            return URLSafeTimedSerializer(await self.secret(), salt=purpose).loads(sealed, max_age=max_age)
        except BadSignature:
            return None
