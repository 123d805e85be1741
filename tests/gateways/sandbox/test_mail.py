"""Without a mail server, only a fault word can keep a mail back."""

import pytest

from gateways.database.engine import Database
from gateways.errors import Busy, Declined, Unavailable
from gateways.mail.protocol import Mail
from gateways.sandbox.mail import SandboxMailer


def _mail(name: str) -> Mail:
    return Mail(to="customer@example.com", recipient_name=name, subject="Your return", text="On its way.")


async def test_a_mail_is_taken(database: Database) -> None:
    await SandboxMailer(database).send(_mail("Sample Customer"), "k1")


@pytest.mark.parametrize(
    ("word", "error"),
    [("before", Unavailable), ("after", Unavailable), ("busy", Busy), ("down", Unavailable), ("refused", Declined)],
)
async def test_a_fault_word_in_the_name(database: Database, word: str, error: type[Exception]) -> None:
    mailer = SandboxMailer(database)
    with pytest.raises(error):
        await mailer.send(_mail(f"Sample fault:{word}:1"), "k1")
    await mailer.send(_mail(f"Sample fault:{word}:1"), "k1")
