"""The built-in mail service: the outbox row is the kept mail, shown by ``homeward show``."""

from gateways.database.engine import Database
from gateways.mail.protocol import Mail
from gateways.sandbox.faults import failing_as_asked


class SandboxMailer:
    """Used when no SMTP server is configured; fault words in the customer's name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def send(self, mail: Mail, idempotency_key: str) -> None:
        """Fail as a fault word says, else do nothing more: the mail is in the database already."""
        async with failing_as_asked(self._database, f"mail:{idempotency_key}", [mail.recipient_name]):
            return
