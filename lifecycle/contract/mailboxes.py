"""Mail addresses: one mailbox each, its domain in letters that every mail server takes."""

from dataclasses import dataclass


class InvalidAddress(ValueError):
    """Not one mail address; the message holds nothing of it."""

    def __init__(self) -> None:
        super().__init__("expected one mail address such as name@example.com")


@dataclass(frozen=True)
class Mailbox:
    """An address in its two parts; the ``domain`` in ASCII (IDNA), the ``local`` part as it was given."""

    local: str
    domain: str

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"

    @property
    def needs_smtputf8(self) -> bool:
        """Whether only servers that know SMTPUTF8 (RFC 6531) can be given it."""
        return not self.local.isascii()


def mailbox_of(address: str) -> Mailbox:
    """Take an address apart; raises ``InvalidAddress``. Nobody is asked whether it can be reached.

    ``.test`` is allowed as in a trial's data: no real domain ends in it (RFC 2606).
    """
    from email_validator import EmailNotValidError, validate_email  # takes longer to load than all else here

    try:
        found = validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise InvalidAddress from None
    return Mailbox(found.local_part, found.ascii_domain)


def same_mailbox(one: str, other: str) -> bool:
    """Whether two addresses are the same, however their case and their domain are written."""
    return mailbox_key(one) == mailbox_key(other)


def mailbox_key(address: str) -> str:
    """What all ways to write one mailbox have in common."""
    try:
        mailbox = mailbox_of(address)
    except InvalidAddress:
        return _lower(address)
    return f"{_lower(mailbox.local)}@{mailbox.domain.lower()}"


def _lower(text: str) -> str:
    """In small letters if it is ASCII. Else as it is: folded, two different mailboxes could become one."""
    return text.lower() if text.isascii() else text


def untagged(address: str) -> str:
    """The ``mailbox_key`` without a ``+tag``: most providers bring ``name+anything@`` to ``name@``.

    For limits alone: where a provider does not, these are two mailboxes.
    """
    local, _, domain = mailbox_key(address).rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"
