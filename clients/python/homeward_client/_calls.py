"""One method for each call of the API.

Made of the API's description; ``python -m clients.generate`` makes it anew.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal, Unpack

from homeward_client import answers, bodies
from homeward_client._base import Document, part
from homeward_client._caller import Caller
from homeward_client.bodies import (
    CaseStatus,
    Method,
    Queue,
    Reason,
    RepairState,
    Resolution,
    Sort,
    Status,
)


class Calls(Caller):
    """All calls, by their names in the API's description."""

    dated = "2026-11-28"

    def start_return(
        self, *, idempotency_key: str | None = None, **body: Unpack[bodies.StartReturn]
    ) -> answers.Summary:
        """Start a return.

        Start a return, and wait for the policy's decision.

        The same `return_id`, or the same `Idempotency-Key`, again gives the same return: after a
        time-out, from many callers at once, and long after it has closed.

        The `order` is one that the shop knows: its `order_id` alone, or all of it, which then has to be as
        the shop knows it. A key with `vouch` may bring any other, whose payments no other order has used.
        """
        return answers.Summary.model_validate_json(
            (self.send("POST", "/v1/returns", body=body, key=idempotency_key)).content
        )

    def list_returns(
        self,
        *,
        status: Status | Sequence[Status] | None = None,
        order_id: str | None = None,
        customer_id: str | None = None,
        updated_since: datetime | str | None = None,
        escalated: bool | None = None,
        attention: bool | None = None,
        due_before: datetime | str | None = None,
        q: str | None = None,
        resolution: Resolution | None = None,
        method: Method | None = None,
        reason: Reason | None = None,
        country: str | None = None,
        opened_from: datetime | str | None = None,
        opened_before: datetime | str | None = None,
        sort: Sort | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> answers.Page:
        """List returns.

        List returns, the newest first unless sorted, a moment behind.

        A page may hold fewer than `limit`; a page without a `next_cursor` is the last.
        """
        return answers.Page.model_validate_json(
            (
                self.send(
                    "GET",
                    "/v1/returns",
                    query={
                        "status": status,
                        "order_id": order_id,
                        "customer_id": customer_id,
                        "updated_since": updated_since,
                        "escalated": escalated,
                        "attention": attention,
                        "due_before": due_before,
                        "q": q,
                        "resolution": resolution,
                        "method": method,
                        "reason": reason,
                        "country": country,
                        "opened_from": opened_from,
                        "opened_before": opened_before,
                        "sort": sort,
                        "limit": limit,
                        "cursor": cursor,
                    },
                )
            ).content
        )

    def pages_of_returns(
        self,
        *,
        status: Status | Sequence[Status] | None = None,
        order_id: str | None = None,
        customer_id: str | None = None,
        updated_since: datetime | str | None = None,
        escalated: bool | None = None,
        attention: bool | None = None,
        due_before: datetime | str | None = None,
        q: str | None = None,
        resolution: Resolution | None = None,
        method: Method | None = None,
        reason: Reason | None = None,
        country: str | None = None,
        opened_from: datetime | str | None = None,
        opened_before: datetime | str | None = None,
        sort: Sort | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Iterator[answers.Page]:
        """The pages of ``list_returns`` from the cursor on, as long as there are more."""
        while True:
            page = self.list_returns(
                status=status,
                order_id=order_id,
                customer_id=customer_id,
                updated_since=updated_since,
                escalated=escalated,
                attention=attention,
                due_before=due_before,
                q=q,
                resolution=resolution,
                method=method,
                reason=reason,
                country=country,
                opened_from=opened_from,
                opened_before=opened_before,
                sort=sort,
                limit=limit,
                cursor=cursor,
            )
            yield page
            cursor = page.next_cursor
            if not cursor:
                return

    def iter_returns(
        self,
        *,
        status: Status | Sequence[Status] | None = None,
        order_id: str | None = None,
        customer_id: str | None = None,
        updated_since: datetime | str | None = None,
        escalated: bool | None = None,
        attention: bool | None = None,
        due_before: datetime | str | None = None,
        q: str | None = None,
        resolution: Resolution | None = None,
        method: Method | None = None,
        reason: Reason | None = None,
        country: str | None = None,
        opened_from: datetime | str | None = None,
        opened_before: datetime | str | None = None,
        sort: Sort | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Iterator[answers.Listed]:
        """What is in the pages of ``list_returns``, as if they were one."""
        for page in self.pages_of_returns(
            status=status,
            order_id=order_id,
            customer_id=customer_id,
            updated_since=updated_since,
            escalated=escalated,
            attention=attention,
            due_before=due_before,
            q=q,
            resolution=resolution,
            method=method,
            reason=reason,
            country=country,
            opened_from=opened_from,
            opened_before=opened_before,
            sort=sort,
            limit=limit,
            cursor=cursor,
        ):
            yield from page.returns

    def show_return(self, return_id: str) -> answers.View:
        """Show a return.

        Show all of one return: what was asked for and why, by whom, every parcel, and what each payment got back.

        `Homeward-View` says where it comes from: `live`, the running return; `closed`, as it ended;
        `forgotten`, as it ended, and the database alone still knows; `records`, open, but no worker
        answered, so as far as the database knows; `orphaned`, open, but no workflow carries it.
        """
        return answers.View.model_validate_json((self.send("GET", f"/v1/returns/{part(return_id)}")).content)

    def approve_return(
        self, return_id: str, *, idempotency_key: str | None = None, **body: Unpack[bodies.Approve]
    ) -> answers.Summary:
        """Approve a return in review.

        An operator lets a reviewed return go on.
        """
        return answers.Summary.model_validate_json(
            (self.send("POST", f"/v1/returns/{part(return_id)}/approve", body=body, key=idempotency_key)).content
        )

    def decline_return(
        self, return_id: str, *, idempotency_key: str | None = None, **body: Unpack[bodies.Decline]
    ) -> answers.Summary:
        """Decline a return in review.

        An operator turns a reviewed return down.
        """
        return answers.Summary.model_validate_json(
            (self.send("POST", f"/v1/returns/{part(return_id)}/decline", body=body, key=idempotency_key)).content
        )

    def cancel_return(
        self, return_id: str, *, idempotency_key: str | None = None, **body: Unpack[bodies.Cancel]
    ) -> answers.Summary:
        """Cancel a return, until handover or the first settlement effect.

        The customer, or staff for them, calls the return off.
        """
        return answers.Summary.model_validate_json(
            (self.send("POST", f"/v1/returns/{part(return_id)}/cancel", body=body, key=idempotency_key)).content
        )

    def record_receipt(
        self, return_id: str, *, idempotency_key: str | None = None, **body: Unpack[bodies.Receipt]
    ) -> answers.Summary:
        """Record what arrived in one parcel.

        The warehouse opened a parcel. `complete`: nothing more is coming; no units: it was empty.

            `note` and `photos` (addresses, or ids in the warehouse's own system) are for whoever looks into it.
        """
        return answers.Summary.model_validate_json(
            (self.send("POST", f"/v1/returns/{part(return_id)}/receipts", body=body, key=idempotency_key)).content
        )

    def record_inspection(
        self, return_id: str, *, idempotency_key: str | None = None, **body: Unpack[bodies.Inspection]
    ) -> answers.Summary:
        """Record the grades of received units.

        The warehouse looked at units; it may come in parts.
        """
        return answers.Summary.model_validate_json(
            (self.send("POST", f"/v1/returns/{part(return_id)}/inspections", body=body, key=idempotency_key)).content
        )

    def change_request(
        self, return_id: str, *, idempotency_key: str | None = None, **body: Unpack[bodies.ChangeRequest]
    ) -> answers.Summary:
        """Change items, resolution, method or pickup time, before the handover.

        What the customer wants otherwise, before the handover; nulls stay as they are.
        """
        return answers.Summary.model_validate_json(
            (self.send("POST", f"/v1/returns/{part(return_id)}/change", body=body, key=idempotency_key)).content
        )

    def answer_charge(
        self, return_id: str, *, idempotency_key: str | None = None, **body: Unpack[bodies.AnswerCharge]
    ) -> answers.Summary:
        """Answer whether an exchange may cost more than was agreed.

        The customer, or staff for them, answers what an exchange would cost more than was agreed.

            `accepted`: they pay. Else they get money `instead`, a refund where nothing is said; or fewer
            pieces at no more than was agreed. `exchange_for` names the pieces that are still wanted, and
            may go with either. `amount` is the charge that they were shown; another one by now is refused.
        """
        return answers.Summary.model_validate_json(
            (self.send("POST", f"/v1/returns/{part(return_id)}/charge", body=body, key=idempotency_key)).content
        )

    def attest_wipe(
        self, return_id: str, *, idempotency_key: str | None = None, **body: Unpack[bodies.AttestWipe]
    ) -> answers.Summary:
        """Attest that a unit's personal data was wiped.

        An attestation that a unit's personal data was wiped, and how.
        """
        return answers.Summary.model_validate_json(
            (self.send("POST", f"/v1/returns/{part(return_id)}/wipes", body=body, key=idempotency_key)).content
        )

    def resolve_attention(
        self, return_id: str, *, idempotency_key: str | None = None, **body: Unpack[bodies.ResolveAttention]
    ) -> answers.Summary:
        """Answer a step that failed for good.

        What to do with a step that failed for good: the oldest one, or the one named by `step`.
        """
        return answers.Summary.model_validate_json(
            (self.send("POST", f"/v1/returns/{part(return_id)}/attention", body=body, key=idempotency_key)).content
        )

    def override_return(
        self, return_id: str, *, idempotency_key: str | None = None, **body: Unpack[bodies.Override]
    ) -> answers.Summary:
        """Override a fact by hand.

        An operator changes a fact of the return, or of one unit, and says why.
        """
        return answers.Summary.model_validate_json(
            (self.send("POST", f"/v1/returns/{part(return_id)}/override", body=body, key=idempotency_key)).content
        )

    def revive_return(self, return_id: str) -> answers.Summary:
        """Have a return go on that nothing carries.

        Resume a return whose workflow has ended or is gone from its records; a repeat changes nothing.
        """
        return answers.Summary.model_validate_json(
            (self.send("POST", f"/v1/returns/{part(return_id)}/revive", repeatable=False)).content
        )

    def release_return(self, return_id: str, **body: Unpack[bodies.Release]) -> answers.Summary:
        """End a return that nothing carries.

        End a return whose workflow has ended or is gone, and release what it claims; again it changes nothing.

        Where something was given for it, its units stay claimed.
        """
        return answers.Summary.model_validate_json(
            (self.send("POST", f"/v1/returns/{part(return_id)}/release", repeatable=False, body=body)).content
        )

    def list_waiting(
        self, *, step: str | None = None, error: str | None = None, before: datetime | str | None = None
    ) -> answers.WaitingReturns:
        """Show what waits for an operator.

        Each return that waits, by the step that waits longest: with its error, its promise and its amount.

        And what does not agree with the books, unless a step is named.
        """
        return answers.WaitingReturns.model_validate_json(
            (self.send("GET", "/v1/attention", query={"step": step, "error": error, "before": before})).content
        )

    def answer_many(self, **body: Unpack[bodies.AnswerWaiting]) -> answers.AttentionAnswers:
        """Answer all steps of a kind that wait for an operator.

        Give them the answer, the longest waiting first; repeat the call for those that are `left`.

        A step that fails again after `before` is not answered once more.
        """
        return answers.AttentionAnswers.model_validate_json(
            (self.send("POST", "/v1/attention", repeatable=False, body=body)).content
        )

    def list_findings(self, *, acknowledged: bool | None = None) -> answers.Findings:
        """Show what does not agree between the books, partners and Temporal.

        What the comparison of last night has found, or the last `homeward reconcile`; nothing is compared now.
        """
        return answers.Findings.model_validate_json(
            (self.send("GET", "/v1/findings", query={"acknowledged": acknowledged})).content
        )

    def acknowledge_finding(self, **body: Unpack[bodies.AcknowledgeFinding]) -> answers.Findings:
        """Acknowledge a finding.

        Nobody has to look at it as it is: it is in no metric and no list of what waits. It is again once it changes.

        With `take_back` it is again now.
        """
        return answers.Findings.model_validate_json(
            (self.send("POST", "/v1/findings/acknowledge", repeatable=False, body=body)).content
        )

    def show_label(self, return_id: str) -> Document:
        """Show Label.

        Give the label to print as PDF, or the drop-off code to show as PNG.
        """
        return Document.of(self.send("GET", f"/v1/returns/{part(return_id)}/label"))

    def list_pickup_slots(self, return_id: str) -> answers.Pickup:
        """List Pickup Slots.

        List when the carrier can come; `change` with `method` pickup and a `pickup_slot` chooses one.
        """
        return answers.Pickup.model_validate_json(
            (self.send("GET", f"/v1/returns/{part(return_id)}/pickup-slots")).content
        )

    def list_drop_off_points(self, return_id: str) -> answers.DropOff:
        """List Drop Off Points.

        List where the parcel can be left; `change` with `method` drop_off gets the code.
        """
        return answers.DropOff.model_validate_json(
            (self.send("GET", f"/v1/returns/{part(return_id)}/drop-off-points")).content
        )

    def diagnose_repair(
        self, return_id: str, unit_id: str, *, idempotency_key: str | None = None, **body: Unpack[bodies.Diagnosis]
    ) -> answers.RepairSummary:
        """Say what the bench found.

        The bench looked at the unit. `estimate` is the price, tax included, of a repair out of warranty.
        """
        return answers.RepairSummary.model_validate_json(
            (
                self.send(
                    "POST",
                    f"/v1/returns/{part(return_id)}/repairs/{part(unit_id)}/diagnosis",
                    body=body,
                    key=idempotency_key,
                )
            ).content
        )

    def answer_estimate(
        self, return_id: str, unit_id: str, *, idempotency_key: str | None = None, **body: Unpack[bodies.EstimateAnswer]
    ) -> answers.RepairSummary:
        """Say what the customer answers to the estimate.

        The customer, or staff for them, accepts the estimate or refuses it.
        """
        return answers.RepairSummary.model_validate_json(
            (
                self.send(
                    "POST",
                    f"/v1/returns/{part(return_id)}/repairs/{part(unit_id)}/estimate",
                    body=body,
                    key=idempotency_key,
                )
            ).content
        )

    def record_repair(
        self, return_id: str, unit_id: str, *, idempotency_key: str | None = None, **body: Unpack[bodies.RepairWork]
    ) -> answers.RepairSummary:
        """Say that the unit was repaired, and with which parts.

        The bench repaired the unit, with these parts from stock.
        """
        return answers.RepairSummary.model_validate_json(
            (
                self.send(
                    "POST",
                    f"/v1/returns/{part(return_id)}/repairs/{part(unit_id)}/repair",
                    body=body,
                    key=idempotency_key,
                )
            ).content
        )

    def record_check(
        self, return_id: str, unit_id: str, *, idempotency_key: str | None = None, **body: Unpack[bodies.RepairCheck]
    ) -> answers.RepairSummary:
        """Say whether the repaired unit works.

        The bench tested whether it works.
        """
        return answers.RepairSummary.model_validate_json(
            (
                self.send(
                    "POST",
                    f"/v1/returns/{part(return_id)}/repairs/{part(unit_id)}/check",
                    body=body,
                    key=idempotency_key,
                )
            ).content
        )

    def resolve_repair_attention(
        self,
        return_id: str,
        unit_id: str,
        *,
        idempotency_key: str | None = None,
        **body: Unpack[bodies.ResolveAttention],
    ) -> answers.RepairSummary:
        """Answer a step of a repair that failed for good.

        What to do with a step that failed for good: the oldest one, or the one named by `step`.
        """
        return answers.RepairSummary.model_validate_json(
            (
                self.send(
                    "POST",
                    f"/v1/returns/{part(return_id)}/repairs/{part(unit_id)}/attention",
                    body=body,
                    key=idempotency_key,
                )
            ).content
        )

    def list_repairs(
        self, *, state: RepairState | None = None, attention: bool | None = None, limit: int | None = None
    ) -> answers.Bench:
        """List what is on the repair bench.

        Repairs that are under way, a moment behind the repairs themselves.
        """
        return answers.Bench.model_validate_json(
            (self.send("GET", "/v1/repairs", query={"state": state, "attention": attention, "limit": limit})).content
        )

    def show_repair(self, return_id: str, unit_id: str) -> answers.RepairView:
        """Show a repair.

        What the bench and the customer said, what it costs, and what comes next; as long as Temporal keeps it.
        """
        return answers.RepairView.model_validate_json(
            (self.send("GET", f"/v1/repairs/{part(return_id)}/{part(unit_id)}")).content
        )

    def quote_return(self, **body: Unpack[bodies.QuoteReturn]) -> answers.Quote:
        """Quote Return.

        Give the settlement that a request would come to; starts nothing.

        Beside what other returns of the order hold, and by the same rules that a return follows. The `order`
        is one that the shop knows, as for a start; a key with `read` or `vouch` may ask about any other.
        """
        return answers.Quote.model_validate_json((self.send("POST", "/v1/quotes", body=body)).content)

    def make_portal_link(self, **body: Unpack[bodies.PortalLinkRequest]) -> answers.PortalLink:
        """Make a link that opens an order's pages.

        Make a link that opens an order's pages for a customer who is signed in at the shop.

        Whoever follows it is let in, so send them there at once: a redirect, not a mail. Each call makes another link.
        """
        return answers.PortalLink.model_validate_json(
            (self.send("POST", "/v1/portal-links", repeatable=False, body=body)).content
        )

    def make_public_links(self, return_id: str, **body: Unpack[bodies.PublicLinkRequest]) -> answers.PublicLinks:
        """Make public links to a return's label and status.

        Make links for the shop's own pages and mails; they open as often as one likes until they end.

        Whoever has the label's sees what is on it, names and addresses too. Each call makes other links, and ends none.
        """
        return answers.PublicLinks.model_validate_json(
            (self.send("POST", f"/v1/returns/{part(return_id)}/links", repeatable=False, body=body)).content
        )

    def show_store_credit(self, *, customer_id: str | None = None) -> answers.Statement:
        """Show a customer's store credit.

        The balance by currency, and every entry. A customer of whom nothing is known has none.
        """
        return answers.Statement.model_validate_json(
            (self.send("GET", "/v1/store-credit", query={"customer_id": customer_id})).content
        )

    def spend_store_credit(self, **body: Unpack[bodies.SpendCredit]) -> answers.Statement:
        """Pay of an order with store credit.

        Once for each order, the part that ends soonest first, all or nothing.

        The same again changes nothing; another amount for the same order is refused, and so is an order whose payment
        was put back.
        """
        return answers.Statement.model_validate_json(
            (self.send("POST", "/v1/store-credit/spend", repeatable=False, body=body)).content
        )

    def give_back_store_credit(self, **body: Unpack[bodies.GiveBackCredit]) -> answers.Statement:
        """Put back what was spent on an order.

        For an order that came to nothing: all that it was paid with, once; what has ended meanwhile stays ended.
        """
        return answers.Statement.model_validate_json(
            (self.send("POST", "/v1/store-credit/give-back", repeatable=False, body=body)).content
        )

    def take_back_store_credit(
        self, *, idempotency_key: str | None = None, **body: Unpack[bodies.TakeBackCredit]
    ) -> answers.Statement:
        """Take back store credit that was given in error.

        So much of one credit, or what is left of it. Repeat it with the same `Idempotency-Key`.
        """
        return answers.Statement.model_validate_json(
            (self.send("POST", "/v1/store-credit/take-back", body=body, key=idempotency_key)).content
        )

    def list_stock(
        self, *, sku: str | None = None, limit: int | None = None, cursor: str | None = None
    ) -> answers.Shelves:
        """Show what is on the shelves.

        What Homeward's own books say; an article that never was here has no row.
        """
        return answers.Shelves.model_validate_json(
            (self.send("GET", "/v1/stock", query={"sku": sku, "limit": limit, "cursor": cursor})).content
        )

    def pages_of_stock(
        self, *, sku: str | None = None, limit: int | None = None, cursor: str | None = None
    ) -> Iterator[answers.Shelves]:
        """The pages of ``list_stock`` from the cursor on, as long as there are more."""
        while True:
            page = self.list_stock(sku=sku, limit=limit, cursor=cursor)
            yield page
            cursor = page.next_cursor
            if not cursor:
                return

    def iter_stock(
        self, *, sku: str | None = None, limit: int | None = None, cursor: str | None = None
    ) -> Iterator[answers.Shelf]:
        """What is in the pages of ``list_stock``, as if they were one."""
        for page in self.pages_of_stock(sku=sku, limit=limit, cursor=cursor):
            yield from page.stock

    def add_to_stock(self, *, idempotency_key: str | None = None, **body: Unpack[bodies.AddStock]) -> answers.Shelves:
        """Put new units on the shelf.

        A delivery, or a count that found more. Repeat it with the same `Idempotency-Key`.
        """
        return answers.Shelves.model_validate_json(
            (self.send("POST", "/v1/stock/add", body=body, key=idempotency_key)).content
        )

    def release_stock(self, **body: Unpack[bodies.ReleaseReservation]) -> answers.ReleaseReservation:
        """Release a reservation.

        Of a return that has ended, and left it behind; an open return keeps its own. Again, nothing is done.
        """
        return answers.ReleaseReservation.model_validate_json(
            (self.send("POST", "/v1/stock/release", repeatable=False, body=body)).content
        )

    def list_suppliers(self, *, limit: int | None = None) -> answers.SupplierList:
        """List suppliers.

        How many units are at which stage, and what each gave back, by currency.
        """
        return answers.SupplierList.model_validate_json(
            (self.send("GET", "/v1/suppliers", query={"limit": limit})).content
        )

    def show_supplier(self, supplier_id: str) -> answers.SupplierView:
        """Show what goes back to a supplier.

        Units with their stages, papers and timeline; units that ended long ago are counted in `totals` alone.
        """
        return answers.SupplierView.model_validate_json(
            (self.send("GET", f"/v1/suppliers/{part(supplier_id)}")).content
        )

    def authorise_supplier_units(
        self, supplier_id: str, *, idempotency_key: str | None = None, **body: Unpack[bodies.Authorise]
    ) -> answers.SupplierSummary:
        """Record that a supplier takes units back.

        The supplier takes these units back.
        """
        return answers.SupplierSummary.model_validate_json(
            (self.send("POST", f"/v1/suppliers/{part(supplier_id)}/authorise", body=body, key=idempotency_key)).content
        )

    def record_supplier_shipment(
        self, supplier_id: str, *, idempotency_key: str | None = None, **body: Unpack[bodies.RecordShipment]
    ) -> answers.SupplierSummary:
        """Record that everything authorised went out.

        Everything authorised and not shipped yet went out in one shipment.
        """
        return answers.SupplierSummary.model_validate_json(
            (self.send("POST", f"/v1/suppliers/{part(supplier_id)}/shipments", body=body, key=idempotency_key)).content
        )

    def record_supplier_credit(
        self, supplier_id: str, *, idempotency_key: str | None = None, **body: Unpack[bodies.RecordCredit]
    ) -> answers.SupplierSummary:
        """Record what a supplier gave back.

        The supplier gives money back for these units; `amount` in minor units.
        """
        return answers.SupplierSummary.model_validate_json(
            (self.send("POST", f"/v1/suppliers/{part(supplier_id)}/credits", body=body, key=idempotency_key)).content
        )

    def refuse_supplier_units(
        self, supplier_id: str, *, idempotency_key: str | None = None, **body: Unpack[bodies.Refuse]
    ) -> answers.SupplierSummary:
        """Record that a supplier does not take units, or does not pay for them.

        The supplier does not take these units back, or does not pay for them.
        """
        return answers.SupplierSummary.model_validate_json(
            (self.send("POST", f"/v1/suppliers/{part(supplier_id)}/refuse", body=body, key=idempotency_key)).content
        )

    def show_promise(
        self, *, closed_from: datetime | str | None = None, closed_before: datetime | str | None = None
    ) -> answers.PromiseReport:
        """Show how well the promise was kept.

        Count returns whose clock had started. Open ones that are late: `GET /v1/returns?escalated=true`.
        """
        return answers.PromiseReport.model_validate_json(
            (
                self.send("GET", "/v1/promise", query={"closed_from": closed_from, "closed_before": closed_before})
            ).content
        )

    def list_inbox(
        self,
        *,
        state: Literal["queued", "waiting", "passed", "dismissed"]
        | Sequence[Literal["queued", "waiting", "passed", "dismissed"]]
        | None = None,
        source: Literal["easypost", "stripe", "warehouse", "payments"] | None = None,
        return_id: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> answers.InboxPage:
        """List messages that no return has taken.

        What partners told by webhooks, and nobody has dealt with yet; or what is in the states that are named.
        """
        return answers.InboxPage.model_validate_json(
            (
                self.send(
                    "GET",
                    "/v1/inbox",
                    query={"state": state, "source": source, "return_id": return_id, "limit": limit, "cursor": cursor},
                )
            ).content
        )

    def pages_of_inbox(
        self,
        *,
        state: Literal["queued", "waiting", "passed", "dismissed"]
        | Sequence[Literal["queued", "waiting", "passed", "dismissed"]]
        | None = None,
        source: Literal["easypost", "stripe", "warehouse", "payments"] | None = None,
        return_id: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Iterator[answers.InboxPage]:
        """The pages of ``list_inbox`` from the cursor on, as long as there are more."""
        while True:
            page = self.list_inbox(state=state, source=source, return_id=return_id, limit=limit, cursor=cursor)
            yield page
            cursor = page.next_cursor
            if not cursor:
                return

    def iter_inbox(
        self,
        *,
        state: Literal["queued", "waiting", "passed", "dismissed"]
        | Sequence[Literal["queued", "waiting", "passed", "dismissed"]]
        | None = None,
        source: Literal["easypost", "stripe", "warehouse", "payments"] | None = None,
        return_id: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Iterator[answers.InboxMessage]:
        """What is in the pages of ``list_inbox``, as if they were one."""
        for page in self.pages_of_inbox(state=state, source=source, return_id=return_id, limit=limit, cursor=cursor):
            yield from page.messages

    def dismiss_unknown_messages(self, **body: Unpack[bodies.DismissUnknown]) -> answers.Dismissed:
        """Put away all that waits from a partner for no known return.

        All that wait and name no return that there is.
        """
        return answers.Dismissed.model_validate_json(
            (self.send("POST", "/v1/inbox/dismiss", repeatable=False, body=body)).content
        )

    def attach_message(self, event_id: str, **body: Unpack[bodies.AttachMessage]) -> answers.InboxMessage:
        """Give a message to a return.

        Pass it on to that return, and whatever else comes of the same parcel or refund. The same again changes nothing.

        Where the parcel or the refund is another return's, the return has another parcel or no such refund, or a line
        is not of its order, it is refused as `unlikely` with what speaks against it; `confirm` passes that over.
        """
        return answers.InboxMessage.model_validate_json(
            (self.send("POST", f"/v1/inbox/{part(event_id)}/attach", repeatable=False, body=body)).content
        )

    def dismiss_message(self, event_id: str, **body: Unpack[bodies.DismissMessage]) -> answers.InboxMessage:
        """Put a message away.

        Nothing is to be done about it. The same again changes nothing; what a return has is not put away.
        """
        return answers.InboxMessage.model_validate_json(
            (self.send("POST", f"/v1/inbox/{part(event_id)}/dismiss", repeatable=False, body=body)).content
        )

    def ask_support(
        self, *, idempotency_key: str | None = None, **body: Unpack[bodies.AskedQuestion]
    ) -> answers.Received:
        """Ask Support.

        Take a question; the customer gets a receipt, and the FAQ's best answers are given at once.

        The same `case_id`, or the same `Idempotency-Key`, again gives the same case. A question by
        `email` whose subject names a case in brackets, as our mails do, and comes from that case's
        address is one more message of it; once that case has closed, it is a new one that follows it.
        """
        return answers.Received.model_validate_json(
            (self.send("POST", "/v1/support-cases", body=body, key=idempotency_key)).content
        )

    def list_cases(
        self,
        *,
        queue: Queue | None = None,
        status: CaseStatus | Sequence[CaseStatus] | None = None,
        escalated: bool | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> answers.CaseList:
        """List support cases.

        Cases that have not ended, or those of the statuses that are named, a moment behind the cases themselves.

        With `escalated` a page may hold fewer than `limit`; a page without a `next_cursor` is the last.
        """
        return answers.CaseList.model_validate_json(
            (
                self.send(
                    "GET",
                    "/v1/support-cases",
                    query={"queue": queue, "status": status, "escalated": escalated, "limit": limit, "cursor": cursor},
                )
            ).content
        )

    def pages_of_cases(
        self,
        *,
        queue: Queue | None = None,
        status: CaseStatus | Sequence[CaseStatus] | None = None,
        escalated: bool | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Iterator[answers.CaseList]:
        """The pages of ``list_cases`` from the cursor on, as long as there are more."""
        while True:
            page = self.list_cases(queue=queue, status=status, escalated=escalated, limit=limit, cursor=cursor)
            yield page
            cursor = page.next_cursor
            if not cursor:
                return

    def iter_cases(
        self,
        *,
        queue: Queue | None = None,
        status: CaseStatus | Sequence[CaseStatus] | None = None,
        escalated: bool | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Iterator[answers.ListedCase]:
        """What is in the pages of ``list_cases``, as if they were one."""
        for page in self.pages_of_cases(queue=queue, status=status, escalated=escalated, limit=limit, cursor=cursor):
            yield from page.cases

    def show_case(self, case_id: str) -> answers.CaseView:
        """Show Case.

        Show all of one case, from the database once it has ended.
        """
        return answers.CaseView.model_validate_json((self.send("GET", f"/v1/support-cases/{part(case_id)}")).content)

    def add_case_message(
        self, case_id: str, *, idempotency_key: str | None = None, **body: Unpack[bodies.AddMessage]
    ) -> answers.CaseSummary:
        """Add Case Message.

        Write `by` the `customer`, or answer: `by` anybody else, for which the key needs `support` or `operate`.
        """
        return answers.CaseSummary.model_validate_json(
            (self.send("POST", f"/v1/support-cases/{part(case_id)}/messages", body=body, key=idempotency_key)).content
        )

    def close_case(
        self, case_id: str, *, idempotency_key: str | None = None, **body: Unpack[bodies.CloseCase]
    ) -> answers.CaseSummary:
        """Close Case.

        Say that nothing more is to be answered.
        """
        return answers.CaseSummary.model_validate_json(
            (self.send("POST", f"/v1/support-cases/{part(case_id)}/close", body=body, key=idempotency_key)).content
        )

    def make_return_of_case(
        self, case_id: str, *, idempotency_key: str | None = None, **body: Unpack[bodies.MakeReturn]
    ) -> answers.CaseSummary:
        """Make Return Of Case.

        Have the case become a return; what is left out is taken from the case and its order.

        Of an order whose customer has another address than the one that asked it is refused, unless `anyway` is true.
        To bring an `order` of its own the key needs `vouch` beside; no other order may have used its payments. What
        an exchange brings is what the order offers, unless the key has `operate` or `vouch`.
        """
        return answers.CaseSummary.model_validate_json(
            (self.send("POST", f"/v1/support-cases/{part(case_id)}/return", body=body, key=idempotency_key)).content
        )

    def search_faq(self, *, q: str | None = None, limit: int | None = None) -> answers.FaqAnswers:
        """Search Faq.

        Look up answers; the shop's own words, with the policy in force.
        """
        return answers.FaqAnswers.model_validate_json(
            (self.send("GET", "/v1/faq", query={"q": q, "limit": limit})).content
        )

    def list_partners(self) -> answers.Partners:
        """Show each partner: its limit, how failed steps are tried again, and what waits.

        The rules that hold, who changed them, and what waits: an outage is one line.
        """
        return answers.Partners.model_validate_json((self.send("GET", "/v1/partners")).content)

    def change_retries(self, partner: str, **body: Unpack[bodies.RetryChange]) -> answers.MovedSteps:
        """Change how a partner's failed steps are tried again.

        From now on, for new returns, open ones, and steps that wait already.
        """
        return answers.MovedSteps.model_validate_json(
            (self.send("POST", f"/v1/partners/{part(partner)}/retries", repeatable=False, body=body)).content
        )

    def reset_retries(self, partner: str, **body: Unpack[bodies.RetryReset]) -> answers.MovedSteps:
        """Have a partner's failed steps tried again as by default.

        From now on, as the code and the settings say.
        """
        return answers.MovedSteps.model_validate_json(
            (self.send("POST", f"/v1/partners/{part(partner)}/retries/reset", repeatable=False, body=body)).content
        )

    def hurry_steps(self, partner: str, **body: Unpack[bodies.HurrySteps]) -> answers.MovedSteps:
        """Try a partner's waiting steps now.

        Try them at the given rate, the longest waiting first; each keeps the number of its attempt.
        """
        return answers.MovedSteps.model_validate_json(
            (self.send("POST", f"/v1/partners/{part(partner)}/retries/now", repeatable=False, body=body)).content
        )

    def limit_partner(self, partner: str, **body: Unpack[bodies.LimitChange]) -> answers.HeldLimit:
        """Limit how many of a partner's steps begin each second.

        Bound them: 0 pauses the partner, what would begin waits and no attempt is counted; no figure lifts the limit.

        It holds for `for_seconds`, or ramps up, where the body says so.
        """
        return answers.HeldLimit.model_validate_json(
            (self.send("POST", f"/v1/partners/{part(partner)}/limit", repeatable=False, body=body)).content
        )

    def list_events(
        self, *, type: str | Sequence[str] | None = None, limit: int | None = None, cursor: str | None = None
    ) -> answers.EventPage:
        """Poll events.

        What has happened since somebody subscribes, by the settings or `/v1/subscriptions`.

        Ask again with `next_cursor`, at once while there is `more`. With types a page may hold fewer events than
        `limit`, or none, and its cursor goes on all the same.
        """
        return answers.EventPage.model_validate_json(
            (self.send("GET", "/v1/events", query={"type": type, "limit": limit, "cursor": cursor})).content
        )

    def pages_of_events(
        self, *, type: str | Sequence[str] | None = None, limit: int | None = None, cursor: str | None = None
    ) -> Iterator[answers.EventPage]:
        """The pages of ``list_events`` from the cursor on, as long as there are more."""
        while True:
            page = self.list_events(type=type, limit=limit, cursor=cursor)
            yield page
            cursor = page.next_cursor
            if not page.more:
                return

    def iter_events(
        self, *, type: str | Sequence[str] | None = None, limit: int | None = None, cursor: str | None = None
    ) -> Iterator[
        answers.ReturnEvent
        | answers.SupportEvent
        | answers.RepairEvent
        | answers.SupplierEvent
        | answers.StockEvent
        | answers.CreditEvent
    ]:
        """What is in the pages of ``list_events``, as if they were one."""
        for page in self.pages_of_events(type=type, limit=limit, cursor=cursor):
            yield from page.events

    def list_subscriptions(self) -> answers.Subscribers:
        """List subscriptions.

        Those of the settings first.
        """
        return answers.Subscribers.model_validate_json((self.send("GET", "/v1/subscriptions")).content)

    def create_subscription(self, **body: Unpack[bodies.NewSubscription]) -> answers.Subscriber:
        """Subscribe to events.

        Have what happens from now on sent to a URL, or kept for who polls: of returns, of those that begin from now on.

        The same URL again is the same subscription, and its secret is not shown again.
        """
        return answers.Subscriber.model_validate_json(
            (self.send("POST", "/v1/subscriptions", repeatable=False, body=body)).content
        )

    def show_subscription(self, subscription_id: str) -> answers.Subscriber:
        """Show a subscription.

        One that was made by the API.
        """
        return answers.Subscriber.model_validate_json(
            (self.send("GET", f"/v1/subscriptions/{part(subscription_id)}")).content
        )

    def remove_subscription(self, subscription_id: str) -> answers.Subscriber:
        """Remove a subscription.

        Nothing more is sent to it, and what waited for it is forgotten.
        """
        return answers.Subscriber.model_validate_json(
            (self.send("DELETE", f"/v1/subscriptions/{part(subscription_id)}")).content
        )

    def change_subscription(
        self, subscription_id: str, **body: Unpack[bodies.SubscriptionChange]
    ) -> answers.Subscriber:
        """Change or pause a subscription.

        Other types, or a pause, during which its events wait.
        """
        return answers.Subscriber.model_validate_json(
            (
                self.send("POST", f"/v1/subscriptions/{part(subscription_id)}/change", repeatable=False, body=body)
            ).content
        )

    def rotate_secret(self, subscription_id: str, **body: Unpack[bodies.Rotation]) -> answers.Subscriber:
        """Give a subscription another secret.

        Events are signed with both secrets until the overlap is over.
        """
        return answers.Subscriber.model_validate_json(
            (
                self.send("POST", f"/v1/subscriptions/{part(subscription_id)}/rotate", repeatable=False, body=body)
            ).content
        )

    def send_test_event(self, subscription_id: str) -> answers.Delivered:
        """Send a test event.

        Send an event of the type `homeward.test`, signed as all are, and wait for the answer for 10 s.
        """
        return answers.Delivered.model_validate_json(
            (self.send("POST", f"/v1/subscriptions/{part(subscription_id)}/test", repeatable=False)).content
        )

    def replay_events(self, subscription_id: str, **body: Unpack[bodies.Replay]) -> answers.Replayed:
        """Send events again.

        Send what happened or was kept since a time again, in order; one that answered 410 is sent events again.
        """
        return answers.Replayed.model_validate_json(
            (
                self.send("POST", f"/v1/subscriptions/{part(subscription_id)}/replay", repeatable=False, body=body)
            ).content
        )

    def check_liveness(self) -> answers.Alive:
        """Check Liveness.

        The process is alive.
        """
        return answers.Alive.model_validate_json((self.send("GET", "/healthz")).content)

    def check_readiness(self) -> answers.Health:
        """Check Readiness.

        Temporal and the database answer, are set up for this version, and somebody takes the work.
        """
        return answers.Health.model_validate_json((self.send("GET", "/readyz")).content)
