"""Mails of a return that no other effect carries."""

from collections.abc import Callable
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel
from sqlalchemy import Connection
from temporalio import activity

from activities.shared.effects import Effects
from activities.shared.mails import write_mail
from gateways.database.engine import Database
from gateways.database.returns import records
from lifecycle.contract.policy import Shop


class WriteMailInput(BaseModel):
    """One mail, by template. Values hold no personal data; amounts in minor units."""

    return_id: str
    step: str
    template: str
    to: Literal["customer", "operations"]
    values: dict[str, Any]
    now: AwareDatetime


class MailActivities:
    """``front_door`` is where customers reach the portal, for links in mails."""

    def __init__(self, database: Database, shop: Callable[[], Shop], front_door: str) -> None:
        self._effects = Effects(database, "records")
        self._shop = shop
        self._front_door = front_door

    @activity.defn
    async def write_mail(self, given: WriteMailInput) -> None:
        """Write a mail that no other effect carries."""

        def apply(connection: Connection) -> dict[str, Any]:
            write_mail(
                connection,
                records.request_in(connection, given.return_id),
                self._shop(),
                return_id=given.return_id,
                step=given.step,
                template=given.template,
                at=given.now,
                to=given.to,
                link=f"{self._front_door}/returns/{given.return_id}",
                **given.values,
            )
            return {}

        await self._effects.in_database(given, {"template": given.template}, apply)
