"""The relay: takes mails out of the outbox and sends them, in order per return, for days."""

from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog
from temporalio import activity

from activities.relays.polling import poll
from activities.shared.mails import compose, operations
from gateways.carrier.protocol import Carrier
from gateways.database.engine import Database
from gateways.database.messages import outbox
from gateways.errors import Busy, Declined, GatewayError
from gateways.mail.protocol import Attachment, Mail, Mailer
from lifecycle.contract.policy import Shop
from lifecycle.shared.waits import doubled

_BATCH = 50
_FIRST_WAIT, _LONGEST_WAIT, _GIVE_UP_AFTER = timedelta(seconds=5), timedelta(hours=1), timedelta(days=5)

log = structlog.get_logger()


class RelayActivities:
    """One relay at a time serves all returns; a workflow of its own keeps it alive."""

    def __init__(
        self,
        database: Database,
        mailer: Mailer,
        carrier: Carrier,
        shop: Callable[[], Shop],
        off: Collection[str] = (),
    ) -> None:
        """``off`` are the mails, by template, that are kept and not sent."""
        self._off = off
        self._shop = shop
        self._database = database
        self._mailer = mailer
        self._carrier = carrier

    @activity.defn
    async def relay_outbox(self) -> None:
        """Send what is due until the run ends or the worker stops."""
        await poll(self._send_due, self._database.changes)

    async def _send_due(self) -> int:
        due = await outbox.next_due(self._database, datetime.now(UTC), _BATCH)
        for row in due:
            await self._send(row)
        return len(due)

    async def _send(self, row: outbox.OutboxRow) -> None:
        now = datetime.now(UTC)
        if row.template in self._off:
            await outbox.mark_off(self._database, row.id)
            return
        try:
            await self._mailer.send(self._mail(row), row.key)
        except Declined as error:
            await self._give_up(row, error, now)
        except GatewayError as error:
            await self._later(row, error, now)
        except Exception as error:
            log.exception("mail_failed", return_id=row.return_id, template=row.template)
            unforeseen = GatewayError(type(error).__name__, "unforeseen")
            await self._later(row, unforeseen, now)
        else:
            await outbox.mark_sent(self._database, [row.id], now)

    async def _later(self, row: outbox.OutboxRow, error: GatewayError, now: datetime) -> None:
        wait = doubled(_FIRST_WAIT, _LONGEST_WAIT, row.attempts)
        if isinstance(error, Busy) and error.retry_after:
            wait = error.retry_after
        if wait == _LONGEST_WAIT and row.attempts * _LONGEST_WAIT > _GIVE_UP_AFTER:
            await self._give_up(row, error, now)
            return
        await outbox.mark_failed(self._database, row.id, now + wait, str(error), final=False)
        log.warning("mail_delayed", return_id=row.return_id, template=row.template, code=error.code)

    async def _give_up(self, row: outbox.OutboxRow, error: GatewayError, now: datetime) -> None:
        """Never again; operations are mailed, unless the mail was for them."""
        shop = self._shop()
        values = {"return_id": row.return_id, "failed": row.template, "error": str(error)}
        to, key = operations(shop), f"{row.key}/failed"
        word = compose("mail_failed", values, to, record=row.return_id, key=key, at=now)
        instead = None if row.to == shop.operations_mail else word
        await outbox.mark_failed(self._database, row.id, None, str(error), final=True, instead=instead)
        log.warning("mail_given_up", return_id=row.return_id, template=row.template, code=error.code)

    def _mail(self, row: outbox.OutboxRow) -> Mail:
        return Mail(
            to=row.to,
            recipient_name=row.recipient_name,
            subject=row.subject,
            text=row.text,
            template=row.template,
            about=row.return_id,
            data=row.data or {},
            attachment=partial(self._label, row.label_of) if row.label_of else None,
        )

    async def _label(self, tracking_code: str) -> Attachment:
        file = await self._carrier.label_file(tracking_code)
        return Attachment(file.filename, file.media_type, file.content)
