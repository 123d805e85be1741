"""What can be said to returns and repairs: the same calls over Temporal and over HTTP; loads nothing of Temporal."""

from abc import ABC, abstractmethod
from typing import Final

from pydantic import BaseModel

from client.answers import Page, SourcedView
from client.list_rows import Listed, ListFilter
from lifecycle.contract import messages
from lifecycle.contract.view import Summary, View
from lifecycle.repairs.messages import Diagnosis, EstimateAnswer, RepairCheck, RepairSummary, RepairWork

#: The most rows that are given at once.
_PAGE: Final = 1000


class ReturnCalls(ABC):
    """Each change raises ``UnknownReturn``, ``NotAllowed``, ``InvalidInput``; all raise ``Unreachable``.

    The same ``request_id`` again changes nothing.
    """

    @abstractmethod
    async def _update(
        self, return_id: str, name: str, message: BaseModel, request_id: str = "", *, update_id: str = ""
    ) -> Summary:
        """Send the update of that name; ``update_id`` where the message has an id of its own."""

    @abstractmethod
    async def sourced_view(self, return_id: str) -> SourcedView:
        """Show all of one return, with where it comes from; raises ``UnknownReturn``."""

    @abstractmethod
    async def page(self, wanted: ListFilter, limit: int = 100, after: bytes | None = None) -> Page:
        """One page of the list, of at most ``limit`` rows, going on ``after`` another."""

    async def approve(self, return_id: str, message: messages.Approve, request_id: str = "") -> Summary:
        """Let a reviewed return go on."""
        return await self._update(return_id, "approve", message, request_id)

    async def decline(self, return_id: str, message: messages.Decline, request_id: str = "") -> Summary:
        """Turn a reviewed return down."""
        return await self._update(return_id, "decline", message, request_id)

    async def cancel(self, return_id: str, message: messages.Cancel, request_id: str = "") -> Summary:
        """Call a return off."""
        return await self._update(return_id, "cancel", message, request_id)

    async def record_receipt(self, return_id: str, message: messages.Receipt) -> Summary:
        """Record what arrived; the same ``receipt_id`` again changes nothing."""
        return await self._update(return_id, "record_receipt", message, update_id=f"receipt:{message.receipt_id}")

    async def record_inspection(self, return_id: str, message: messages.Inspection) -> Summary:
        """Record the grades; the same ``inspection_id`` again changes nothing."""
        update_id = f"inspection:{message.inspection_id}"
        return await self._update(return_id, "record_inspection", message, update_id=update_id)

    async def change_request(self, return_id: str, message: messages.ChangeRequest, request_id: str = "") -> Summary:
        """Want something else, another way or another time, before the handover."""
        return await self._update(return_id, "change_request", message, request_id)

    async def answer_charge(self, return_id: str, message: messages.AnswerCharge, request_id: str = "") -> Summary:
        """Answer whether the customer pays what an exchange costs more than was agreed."""
        return await self._update(return_id, "answer_charge", message, request_id)

    async def attest_wipe(self, return_id: str, message: messages.AttestWipe, request_id: str = "") -> Summary:
        """Attest that a unit's personal data was wiped."""
        return await self._update(return_id, "attest_wipe", message, request_id)

    async def resolve_attention(
        self, return_id: str, message: messages.ResolveAttention, request_id: str = ""
    ) -> Summary:
        """Answer a step that failed for good."""
        return await self._update(return_id, "resolve_attention", message, request_id)

    async def override(self, return_id: str, message: messages.Override, request_id: str = "") -> Summary:
        """Change a fact by hand."""
        return await self._update(return_id, "override", message, request_id)

    async def view(self, return_id: str) -> View:
        """Show all of one return; raises ``UnknownReturn``.

        From the database once it is closed, and, as far as that knows, when Temporal or its
        workers do not answer.
        """
        return (await self.sourced_view(return_id)).view

    async def list(self, wanted: ListFilter, limit: int = 100) -> list[Listed]:
        """List returns, the newest first."""
        found: dict[str, Listed] = {}
        page = Page([], b"")
        while page.next is not None and len(found) < limit:
            page = await self.page(wanted, min(limit, _PAGE), page.next or None)
            for row in page.rows:
                found.setdefault(row.return_id, row)
        return list(found.values())[:limit]


class RepairCalls(ABC):
    """What bench and customer say of a repair; raises ``UnknownRepair``, ``NotAllowed``, ``InvalidInput``."""

    @abstractmethod
    async def _update(
        self, return_id: str, unit_id: str, name: str, message: BaseModel, request_id: str = "", *, update_id: str = ""
    ) -> RepairSummary:
        """Send the update of that name; ``update_id`` where the message has an id of its own."""

    async def diagnose(self, return_id: str, unit_id: str, message: Diagnosis) -> RepairSummary:
        """Record what the bench found; the same ``diagnosis_id`` again changes nothing."""
        update_id = f"diagnosis:{message.diagnosis_id}"
        return await self._update(return_id, unit_id, "record_diagnosis", message, update_id=update_id)

    async def answer_estimate(
        self, return_id: str, unit_id: str, message: EstimateAnswer, request_id: str = ""
    ) -> RepairSummary:
        """Record the customer's answer to the estimate; the same ``request_id`` again changes nothing."""
        return await self._update(return_id, unit_id, "answer_estimate", message, request_id)

    async def record_repair(self, return_id: str, unit_id: str, message: RepairWork) -> RepairSummary:
        """Record that the unit was repaired; the same ``repair_id`` again changes nothing."""
        update_id = f"repair:{message.repair_id}"
        return await self._update(return_id, unit_id, "record_repair", message, update_id=update_id)

    async def record_check(self, return_id: str, unit_id: str, message: RepairCheck) -> RepairSummary:
        """Record whether it works; the same ``check_id`` again changes nothing."""
        update_id = f"check:{message.check_id}"
        return await self._update(return_id, unit_id, "record_check", message, update_id=update_id)
