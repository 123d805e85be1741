"""Where a page of a list goes on: opaque to the caller, and good for the same list only."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Self

from itsdangerous import BadSignature, Signer

from client.list_rows import ListFilter
from client.workflow_query import query_of
from gateways.database.engine import Database
from gateways.database.secrets import secret
from starter.api.shared.problems import invalid


class Cursors:
    """The cursors of one list: signed, as Temporal's server is asked again and again over one that it has not made."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    @classmethod
    async def of(cls, db: Database, wanted: ListFilter) -> Self:
        """Those of the list of what is ``wanted``; raises ``Unavailable``."""
        asked = f" {wanted}" if wanted.asks_records else ""
        return cls(Signer(await secret(db, "cursors"), salt=f"cursor {query_of(wanted)}{asked}"))

    def after(self, cursor: str | None) -> bytes | None:
        """What the cursor stands for; raises ``Failure`` for one that this list never gave."""
        if cursor is None:
            return None
        try:
            return urlsafe_b64decode(self._signer.unsign(cursor.encode(errors="replace")))
        except BadSignature:
            raise invalid(("cursor", "expected the next_cursor of a page of this very list")) from None

    def cursor(self, after: bytes | None) -> str | None:
        """The cursor for what comes after; None at the end."""
        return None if after is None else self._signer.sign(urlsafe_b64encode(after)).decode()
