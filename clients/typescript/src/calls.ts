// One method for each call of the API.
// Made of the API's description; `python -m clients.generate` makes it anew.

import { type CallOptions, Caller, type Document, part } from "./caller.js";
import type { AcknowledgeFinding, AddMessage, AddStock, Alive, AnswerCharge, AnswerWaiting, Approve, AskedQuestion, AttachMessage, AttentionAnswers, AttestWipe, Authorise, Bench, Cancel, CaseList, CaseStatus, CaseSummary, CaseView, ChangeRequest, CloseCase, CreditEvent, Decline, Delivered, Diagnosis, DismissMessage, DismissUnknown, Dismissed, DropOff, EstimateAnswer, EventPage, FaqAnswers, Findings, GiveBackCredit, Health, HeldLimit, HurrySteps, InboxMessage, InboxPage, Inspection, LimitChange, Listed, ListedCase, MakeReturn, Method, MovedSteps, NamedQuote, NamedRequest, NewSubscription, Override, Page, Partners, Pickup, PortalLink, PortalLinkRequest, PromiseReport, PublicLinkRequest, PublicLinks, Queue, Quote, QuoteRequest, Reason, Receipt, Received, RecordCredit, RecordShipment, Refuse, Release, ReleaseReservation, RepairCheck, RepairEvent, RepairState, RepairSummary, RepairView, RepairWork, Replay, Replayed, Resolution, ResolveAttention, RetryChange, RetryReset, ReturnEvent, ReturnRequest, Rotation, Shelf, Shelves, Sort, SpendCredit, Statement, Status, StockEvent, Subscriber, Subscribers, SubscriptionChange, Summary, SupplierEvent, SupplierList, SupplierSummary, SupplierView, SupportEvent, TakeBackCredit, View, WaitingReturns } from "./types.js";

/** What `listReturns` takes. */
export interface ListReturnsQuery {
  /** One of these; may be repeated. */
  status?: Status | Array<Status>;
  /** Of this order, however its id is spelt. */
  order_id?: string;
  /** Of this customer of the shop's. */
  customer_id?: string;
  /** Something was recorded of it then or later. Then, and with the sort `updated`, the one whose last change is longest ago comes first, so that who follows changes goes on from the last `updated_at`. */
  updated_since?: string | Date;
  /** Whether it is past its target. */
  escalated?: boolean;
  /** Whether a step waits for an operator. */
  attention?: boolean;
  /** Open, not settled, and promised before that. */
  due_before?: string | Date;
  /** Words of the customer's name or mail address, the order, a SKU, each from its beginning; or a tracking code or serial number. A misspelt name finds the like. */
  q?: string;
  resolution?: Resolution;
  method?: Method;
  reason?: Reason;
  /** Where the customer lives. */
  country?: string;
  /** Started then or later. */
  opened_from?: string | Date;
  /** Started before that. */
  opened_before?: string | Date;
  /** By when they were started, by what the goods cost, or by their last change. `newest`, and with `updated_since` `updated`, where it is left out. */
  sort?: Sort;
  limit?: number;
  /** The `next_cursor` of the page before. */
  cursor?: string;
}

/** What `listWaiting` takes. */
export interface ListWaitingQuery {
  step?: string;
  /** A part of its error, in letters of any case. */
  error?: string;
  /** Waiting since before that; now when left out. */
  before?: string | Date;
}

/** What `listFindings` takes. */
export interface ListFindingsQuery {
  acknowledged?: boolean;
}

/** What `listRepairs` takes. */
export interface ListRepairsQuery {
  state?: RepairState;
  /** Only those that wait for an operator. */
  attention?: boolean;
  limit?: number;
}

/** What `showStoreCredit` takes. */
export interface ShowStoreCreditQuery {
  /** The customer's id; `guest:` and the mail address for one who bought without. */
  customer_id?: string;
}

/** What `listStock` takes. */
export interface ListStockQuery {
  /** This one alone. */
  sku?: string;
  /** How many SKUs a page has. */
  limit?: number;
  /** The `next_cursor` of the page before. */
  cursor?: string;
}

/** What `listSuppliers` takes. */
export interface ListSuppliersQuery {
  limit?: number;
}

/** What `showPromise` takes. */
export interface ShowPromiseQuery {
  /** 90 days before the end when left out. */
  closed_from?: string | Date;
  /** Now when left out. */
  closed_before?: string | Date;
}

/** What `listInbox` takes. */
export interface ListInboxQuery {
  /** What nobody has dealt with, `queued` and `waiting`, when left out. */
  state?: "queued" | "waiting" | "passed" | "dismissed" | Array<"queued" | "waiting" | "passed" | "dismissed">;
  /** Of this partner alone. */
  source?: "easypost" | "stripe" | "warehouse" | "payments";
  /** That name this return, or that it has. */
  return_id?: string;
  limit?: number;
  /** The page before's. */
  cursor?: string;
}

/** What `listCases` takes. */
export interface ListCasesQuery {
  queue?: Queue;
  /** Those that have not ended when left out. */
  status?: CaseStatus | Array<CaseStatus>;
  /** Whether they wait for longer than they should. */
  escalated?: boolean;
  limit?: number;
  /** The `next_cursor` of the page before. */
  cursor?: string;
}

/** What `searchFaq` takes. */
export interface SearchFaqQuery {
  /** The question in a customer's own words. */
  q?: string;
  limit?: number;
}

/** What `listEvents` takes. */
export interface ListEventsQuery {
  /** Only events of these types; all when left out. */
  type?: string | Array<string>;
  /** How many events are looked at. */
  limit?: number;
  /** The `next_cursor` of the page before; from the oldest kept on without. */
  cursor?: string;
}

/** All calls, by their names in the API's description. */
export class Calls extends Caller {
  protected override get dated(): string {
    return "2026-11-28";
  }

  /**
   * Start a return.
   *
   * Start a return, and wait for the policy's decision.
   *
   * The same `return_id`, or the same `Idempotency-Key`, again gives the same return: after a
   * time-out, from many callers at once, and long after it has closed.
   *
   * The `order` is one that the shop knows: its `order_id` alone, or all of it, which then has to be as
   * the shop knows it. A key with `vouch` may bring any other, whose payments no other order has used.
   */
  startReturn(body: ReturnRequest | NamedRequest, options?: CallOptions): Promise<Summary> {
    return this.json<Summary>("POST", `/v1/returns`, { body, options, repeatable: true });
  }

  /**
   * List returns.
   *
   * List returns, the newest first unless sorted, a moment behind.
   *
   * A page may hold fewer than `limit`; a page without a `next_cursor` is the last.
   */
  listReturns(query: ListReturnsQuery = {}, options?: CallOptions): Promise<Page> {
    return this.json<Page>("GET", `/v1/returns`, { query, options, repeatable: true });
  }

  /** The pages of `listReturns` from the cursor on, as long as there are more. */
  async *pagesOfReturns(query: ListReturnsQuery = {}, options?: CallOptions): AsyncGenerator<Page, void> {
    for (let page; ; query = { ...query, cursor: page.next_cursor! }) {
      page = await this.listReturns(query, options);
      yield page;
      if (!page.next_cursor) return;
    }
  }

  /** What is in the pages of `listReturns`, as if they were one. */
  async *iterReturns(query: ListReturnsQuery = {}, options?: CallOptions): AsyncGenerator<Listed, void> {
    for await (const page of this.pagesOfReturns(query, options)) yield* page.returns;
  }

  /**
   * Show a return.
   *
   * Show all of one return: what was asked for and why, by whom, every parcel, and what each payment got back.
   *
   * `Homeward-View` says where it comes from: `live`, the running return; `closed`, as it ended;
   * `forgotten`, as it ended, and the database alone still knows; `records`, open, but no worker
   * answered, so as far as the database knows; `orphaned`, open, but no workflow carries it.
   */
  showReturn(returnId: string, options?: CallOptions): Promise<View> {
    return this.json<View>("GET", `/v1/returns/${part(returnId)}`, { options, repeatable: true });
  }

  /**
   * Approve a return in review.
   *
   * An operator lets a reviewed return go on.
   */
  approveReturn(returnId: string, body: Approve, options?: CallOptions): Promise<Summary> {
    return this.json<Summary>("POST", `/v1/returns/${part(returnId)}/approve`, { body, options, repeatable: true });
  }

  /**
   * Decline a return in review.
   *
   * An operator turns a reviewed return down.
   */
  declineReturn(returnId: string, body: Decline, options?: CallOptions): Promise<Summary> {
    return this.json<Summary>("POST", `/v1/returns/${part(returnId)}/decline`, { body, options, repeatable: true });
  }

  /**
   * Cancel a return, until handover or the first settlement effect.
   *
   * The customer, or staff for them, calls the return off.
   */
  cancelReturn(returnId: string, body: Cancel, options?: CallOptions): Promise<Summary> {
    return this.json<Summary>("POST", `/v1/returns/${part(returnId)}/cancel`, { body, options, repeatable: true });
  }

  /**
   * Record what arrived in one parcel.
   *
   * The warehouse opened a parcel. `complete`: nothing more is coming; no units: it was empty.
   *
   * `note` and `photos` (addresses, or ids in the warehouse's own system) are for whoever looks into it.
   */
  recordReceipt(returnId: string, body: Receipt, options?: CallOptions): Promise<Summary> {
    return this.json<Summary>("POST", `/v1/returns/${part(returnId)}/receipts`, { body, options, repeatable: true });
  }

  /**
   * Record the grades of received units.
   *
   * The warehouse looked at units; it may come in parts.
   */
  recordInspection(returnId: string, body: Inspection, options?: CallOptions): Promise<Summary> {
    return this.json<Summary>("POST", `/v1/returns/${part(returnId)}/inspections`, { body, options, repeatable: true });
  }

  /**
   * Change items, resolution, method or pickup time, before the handover.
   *
   * What the customer wants otherwise, before the handover; nulls stay as they are.
   */
  changeRequest(returnId: string, body: ChangeRequest, options?: CallOptions): Promise<Summary> {
    return this.json<Summary>("POST", `/v1/returns/${part(returnId)}/change`, { body, options, repeatable: true });
  }

  /**
   * Answer whether an exchange may cost more than was agreed.
   *
   * The customer, or staff for them, answers what an exchange would cost more than was agreed.
   *
   * `accepted`: they pay. Else they get money `instead`, a refund where nothing is said; or fewer
   * pieces at no more than was agreed. `exchange_for` names the pieces that are still wanted, and
   * may go with either. `amount` is the charge that they were shown; another one by now is refused.
   */
  answerCharge(returnId: string, body: AnswerCharge, options?: CallOptions): Promise<Summary> {
    return this.json<Summary>("POST", `/v1/returns/${part(returnId)}/charge`, { body, options, repeatable: true });
  }

  /**
   * Attest that a unit's personal data was wiped.
   *
   * An attestation that a unit's personal data was wiped, and how.
   */
  attestWipe(returnId: string, body: AttestWipe, options?: CallOptions): Promise<Summary> {
    return this.json<Summary>("POST", `/v1/returns/${part(returnId)}/wipes`, { body, options, repeatable: true });
  }

  /**
   * Answer a step that failed for good.
   *
   * What to do with a step that failed for good: the oldest one, or the one named by `step`.
   */
  resolveAttention(returnId: string, body: ResolveAttention, options?: CallOptions): Promise<Summary> {
    return this.json<Summary>("POST", `/v1/returns/${part(returnId)}/attention`, { body, options, repeatable: true });
  }

  /**
   * Override a fact by hand.
   *
   * An operator changes a fact of the return, or of one unit, and says why.
   */
  overrideReturn(returnId: string, body: Override, options?: CallOptions): Promise<Summary> {
    return this.json<Summary>("POST", `/v1/returns/${part(returnId)}/override`, { body, options, repeatable: true });
  }

  /**
   * Have a return go on that nothing carries.
   *
   * Resume a return whose workflow has ended or is gone from its records; a repeat changes nothing.
   */
  reviveReturn(returnId: string, options?: CallOptions): Promise<Summary> {
    return this.json<Summary>("POST", `/v1/returns/${part(returnId)}/revive`, { options, repeatable: false });
  }

  /**
   * End a return that nothing carries.
   *
   * End a return whose workflow has ended or is gone, and release what it claims; again it changes nothing.
   *
   * Where something was given for it, its units stay claimed.
   */
  releaseReturn(returnId: string, body: Release, options?: CallOptions): Promise<Summary> {
    return this.json<Summary>("POST", `/v1/returns/${part(returnId)}/release`, { body, options, repeatable: false });
  }

  /**
   * Show what waits for an operator.
   *
   * Each return that waits, by the step that waits longest: with its error, its promise and its amount.
   *
   * And what does not agree with the books, unless a step is named.
   */
  listWaiting(query: ListWaitingQuery = {}, options?: CallOptions): Promise<WaitingReturns> {
    return this.json<WaitingReturns>("GET", `/v1/attention`, { query, options, repeatable: true });
  }

  /**
   * Answer all steps of a kind that wait for an operator.
   *
   * Give them the answer, the longest waiting first; repeat the call for those that are `left`.
   *
   * A step that fails again after `before` is not answered once more.
   */
  answerMany(body: AnswerWaiting, options?: CallOptions): Promise<AttentionAnswers> {
    return this.json<AttentionAnswers>("POST", `/v1/attention`, { body, options, repeatable: false });
  }

  /**
   * Show what does not agree between the books, partners and Temporal.
   *
   * What the comparison of last night has found, or the last `homeward reconcile`; nothing is compared now.
   */
  listFindings(query: ListFindingsQuery = {}, options?: CallOptions): Promise<Findings> {
    return this.json<Findings>("GET", `/v1/findings`, { query, options, repeatable: true });
  }

  /**
   * Acknowledge a finding.
   *
   * Nobody has to look at it as it is: it is in no metric and no list of what waits. It is again once it changes.
   *
   * With `take_back` it is again now.
   */
  acknowledgeFinding(body: AcknowledgeFinding, options?: CallOptions): Promise<Findings> {
    return this.json<Findings>("POST", `/v1/findings/acknowledge`, { body, options, repeatable: false });
  }

  /**
   * Show Label.
   *
   * Give the label to print as PDF, or the drop-off code to show as PNG.
   */
  showLabel(returnId: string, options?: CallOptions): Promise<Document> {
    return this.document("GET", `/v1/returns/${part(returnId)}/label`, { options, repeatable: true });
  }

  /**
   * List Pickup Slots.
   *
   * List when the carrier can come; `change` with `method` pickup and a `pickup_slot` chooses one.
   */
  listPickupSlots(returnId: string, options?: CallOptions): Promise<Pickup> {
    return this.json<Pickup>("GET", `/v1/returns/${part(returnId)}/pickup-slots`, { options, repeatable: true });
  }

  /**
   * List Drop Off Points.
   *
   * List where the parcel can be left; `change` with `method` drop_off gets the code.
   */
  listDropOffPoints(returnId: string, options?: CallOptions): Promise<DropOff> {
    return this.json<DropOff>("GET", `/v1/returns/${part(returnId)}/drop-off-points`, { options, repeatable: true });
  }

  /**
   * Say what the bench found.
   *
   * The bench looked at the unit. `estimate` is the price, tax included, of a repair out of warranty.
   */
  diagnoseRepair(returnId: string, unitId: string, body: Diagnosis, options?: CallOptions): Promise<RepairSummary> {
    return this.json<RepairSummary>("POST", `/v1/returns/${part(returnId)}/repairs/${part(unitId)}/diagnosis`, { body, options, repeatable: true });
  }

  /**
   * Say what the customer answers to the estimate.
   *
   * The customer, or staff for them, accepts the estimate or refuses it.
   */
  answerEstimate(returnId: string, unitId: string, body: EstimateAnswer, options?: CallOptions): Promise<RepairSummary> {
    return this.json<RepairSummary>("POST", `/v1/returns/${part(returnId)}/repairs/${part(unitId)}/estimate`, { body, options, repeatable: true });
  }

  /**
   * Say that the unit was repaired, and with which parts.
   *
   * The bench repaired the unit, with these parts from stock.
   */
  recordRepair(returnId: string, unitId: string, body: RepairWork, options?: CallOptions): Promise<RepairSummary> {
    return this.json<RepairSummary>("POST", `/v1/returns/${part(returnId)}/repairs/${part(unitId)}/repair`, { body, options, repeatable: true });
  }

  /**
   * Say whether the repaired unit works.
   *
   * The bench tested whether it works.
   */
  recordCheck(returnId: string, unitId: string, body: RepairCheck, options?: CallOptions): Promise<RepairSummary> {
    return this.json<RepairSummary>("POST", `/v1/returns/${part(returnId)}/repairs/${part(unitId)}/check`, { body, options, repeatable: true });
  }

  /**
   * Answer a step of a repair that failed for good.
   *
   * What to do with a step that failed for good: the oldest one, or the one named by `step`.
   */
  resolveRepairAttention(returnId: string, unitId: string, body: ResolveAttention, options?: CallOptions): Promise<RepairSummary> {
    return this.json<RepairSummary>("POST", `/v1/returns/${part(returnId)}/repairs/${part(unitId)}/attention`, { body, options, repeatable: true });
  }

  /**
   * List what is on the repair bench.
   *
   * Repairs that are under way, a moment behind the repairs themselves.
   */
  listRepairs(query: ListRepairsQuery = {}, options?: CallOptions): Promise<Bench> {
    return this.json<Bench>("GET", `/v1/repairs`, { query, options, repeatable: true });
  }

  /**
   * Show a repair.
   *
   * What the bench and the customer said, what it costs, and what comes next; as long as Temporal keeps it.
   */
  showRepair(returnId: string, unitId: string, options?: CallOptions): Promise<RepairView> {
    return this.json<RepairView>("GET", `/v1/repairs/${part(returnId)}/${part(unitId)}`, { options, repeatable: true });
  }

  /**
   * Quote Return.
   *
   * Give the settlement that a request would come to; starts nothing.
   *
   * Beside what other returns of the order hold, and by the same rules that a return follows. The `order`
   * is one that the shop knows, as for a start; a key with `read` or `vouch` may ask about any other.
   */
  quoteReturn(body: QuoteRequest | NamedQuote, options?: CallOptions): Promise<Quote> {
    return this.json<Quote>("POST", `/v1/quotes`, { body, options, repeatable: true });
  }

  /**
   * Make a link that opens an order's pages.
   *
   * Make a link that opens an order's pages for a customer who is signed in at the shop.
   *
   * Whoever follows it is let in, so send them there at once: a redirect, not a mail. Each call makes another link.
   */
  makePortalLink(body: PortalLinkRequest, options?: CallOptions): Promise<PortalLink> {
    return this.json<PortalLink>("POST", `/v1/portal-links`, { body, options, repeatable: false });
  }

  /**
   * Make public links to a return's label and status.
   *
   * Make links for the shop's own pages and mails; they open as often as one likes until they end.
   *
   * Whoever has the label's sees what is on it, names and addresses too. Each call makes other links, and ends none.
   */
  makePublicLinks(returnId: string, body: PublicLinkRequest = {}, options?: CallOptions): Promise<PublicLinks> {
    return this.json<PublicLinks>("POST", `/v1/returns/${part(returnId)}/links`, { body, options, repeatable: false });
  }

  /**
   * Show a customer's store credit.
   *
   * The balance by currency, and every entry. A customer of whom nothing is known has none.
   */
  showStoreCredit(query: ShowStoreCreditQuery = {}, options?: CallOptions): Promise<Statement> {
    return this.json<Statement>("GET", `/v1/store-credit`, { query, options, repeatable: true });
  }

  /**
   * Pay of an order with store credit.
   *
   * Once for each order, the part that ends soonest first, all or nothing.
   *
   * The same again changes nothing; another amount for the same order is refused, and so is an order whose payment
   * was put back.
   */
  spendStoreCredit(body: SpendCredit, options?: CallOptions): Promise<Statement> {
    return this.json<Statement>("POST", `/v1/store-credit/spend`, { body, options, repeatable: false });
  }

  /**
   * Put back what was spent on an order.
   *
   * For an order that came to nothing: all that it was paid with, once; what has ended meanwhile stays ended.
   */
  giveBackStoreCredit(body: GiveBackCredit, options?: CallOptions): Promise<Statement> {
    return this.json<Statement>("POST", `/v1/store-credit/give-back`, { body, options, repeatable: false });
  }

  /**
   * Take back store credit that was given in error.
   *
   * So much of one credit, or what is left of it. Repeat it with the same `Idempotency-Key`.
   */
  takeBackStoreCredit(body: TakeBackCredit, options?: CallOptions): Promise<Statement> {
    return this.json<Statement>("POST", `/v1/store-credit/take-back`, { body, options, repeatable: true });
  }

  /**
   * Show what is on the shelves.
   *
   * What Homeward's own books say; an article that never was here has no row.
   */
  listStock(query: ListStockQuery = {}, options?: CallOptions): Promise<Shelves> {
    return this.json<Shelves>("GET", `/v1/stock`, { query, options, repeatable: true });
  }

  /** The pages of `listStock` from the cursor on, as long as there are more. */
  async *pagesOfStock(query: ListStockQuery = {}, options?: CallOptions): AsyncGenerator<Shelves, void> {
    for (let page; ; query = { ...query, cursor: page.next_cursor! }) {
      page = await this.listStock(query, options);
      yield page;
      if (!page.next_cursor) return;
    }
  }

  /** What is in the pages of `listStock`, as if they were one. */
  async *iterStock(query: ListStockQuery = {}, options?: CallOptions): AsyncGenerator<Shelf, void> {
    for await (const page of this.pagesOfStock(query, options)) yield* page.stock;
  }

  /**
   * Put new units on the shelf.
   *
   * A delivery, or a count that found more. Repeat it with the same `Idempotency-Key`.
   */
  addToStock(body: AddStock, options?: CallOptions): Promise<Shelves> {
    return this.json<Shelves>("POST", `/v1/stock/add`, { body, options, repeatable: true });
  }

  /**
   * Release a reservation.
   *
   * Of a return that has ended, and left it behind; an open return keeps its own. Again, nothing is done.
   */
  releaseStock(body: ReleaseReservation, options?: CallOptions): Promise<ReleaseReservation> {
    return this.json<ReleaseReservation>("POST", `/v1/stock/release`, { body, options, repeatable: false });
  }

  /**
   * List suppliers.
   *
   * How many units are at which stage, and what each gave back, by currency.
   */
  listSuppliers(query: ListSuppliersQuery = {}, options?: CallOptions): Promise<SupplierList> {
    return this.json<SupplierList>("GET", `/v1/suppliers`, { query, options, repeatable: true });
  }

  /**
   * Show what goes back to a supplier.
   *
   * Units with their stages, papers and timeline; units that ended long ago are counted in `totals` alone.
   */
  showSupplier(supplierId: string, options?: CallOptions): Promise<SupplierView> {
    return this.json<SupplierView>("GET", `/v1/suppliers/${part(supplierId)}`, { options, repeatable: true });
  }

  /**
   * Record that a supplier takes units back.
   *
   * The supplier takes these units back.
   */
  authoriseSupplierUnits(supplierId: string, body: Authorise, options?: CallOptions): Promise<SupplierSummary> {
    return this.json<SupplierSummary>("POST", `/v1/suppliers/${part(supplierId)}/authorise`, { body, options, repeatable: true });
  }

  /**
   * Record that everything authorised went out.
   *
   * Everything authorised and not shipped yet went out in one shipment.
   */
  recordSupplierShipment(supplierId: string, body: RecordShipment, options?: CallOptions): Promise<SupplierSummary> {
    return this.json<SupplierSummary>("POST", `/v1/suppliers/${part(supplierId)}/shipments`, { body, options, repeatable: true });
  }

  /**
   * Record what a supplier gave back.
   *
   * The supplier gives money back for these units; `amount` in minor units.
   */
  recordSupplierCredit(supplierId: string, body: RecordCredit, options?: CallOptions): Promise<SupplierSummary> {
    return this.json<SupplierSummary>("POST", `/v1/suppliers/${part(supplierId)}/credits`, { body, options, repeatable: true });
  }

  /**
   * Record that a supplier does not take units, or does not pay for them.
   *
   * The supplier does not take these units back, or does not pay for them.
   */
  refuseSupplierUnits(supplierId: string, body: Refuse, options?: CallOptions): Promise<SupplierSummary> {
    return this.json<SupplierSummary>("POST", `/v1/suppliers/${part(supplierId)}/refuse`, { body, options, repeatable: true });
  }

  /**
   * Show how well the promise was kept.
   *
   * Count returns whose clock had started. Open ones that are late: `GET /v1/returns?escalated=true`.
   */
  showPromise(query: ShowPromiseQuery = {}, options?: CallOptions): Promise<PromiseReport> {
    return this.json<PromiseReport>("GET", `/v1/promise`, { query, options, repeatable: true });
  }

  /**
   * List messages that no return has taken.
   *
   * What partners told by webhooks, and nobody has dealt with yet; or what is in the states that are named.
   */
  listInbox(query: ListInboxQuery = {}, options?: CallOptions): Promise<InboxPage> {
    return this.json<InboxPage>("GET", `/v1/inbox`, { query, options, repeatable: true });
  }

  /** The pages of `listInbox` from the cursor on, as long as there are more. */
  async *pagesOfInbox(query: ListInboxQuery = {}, options?: CallOptions): AsyncGenerator<InboxPage, void> {
    for (let page; ; query = { ...query, cursor: page.next_cursor! }) {
      page = await this.listInbox(query, options);
      yield page;
      if (!page.next_cursor) return;
    }
  }

  /** What is in the pages of `listInbox`, as if they were one. */
  async *iterInbox(query: ListInboxQuery = {}, options?: CallOptions): AsyncGenerator<InboxMessage, void> {
    for await (const page of this.pagesOfInbox(query, options)) yield* page.messages;
  }

  /**
   * Put away all that waits from a partner for no known return.
   *
   * All that wait and name no return that there is.
   */
  dismissUnknownMessages(body: DismissUnknown, options?: CallOptions): Promise<Dismissed> {
    return this.json<Dismissed>("POST", `/v1/inbox/dismiss`, { body, options, repeatable: false });
  }

  /**
   * Give a message to a return.
   *
   * Pass it on to that return, and whatever else comes of the same parcel or refund. The same again changes nothing.
   *
   * Where the parcel or the refund is another return's, the return has another parcel or no such refund, or a line
   * is not of its order, it is refused as `unlikely` with what speaks against it; `confirm` passes that over.
   */
  attachMessage(eventId: string, body: AttachMessage, options?: CallOptions): Promise<InboxMessage> {
    return this.json<InboxMessage>("POST", `/v1/inbox/${part(eventId)}/attach`, { body, options, repeatable: false });
  }

  /**
   * Put a message away.
   *
   * Nothing is to be done about it. The same again changes nothing; what a return has is not put away.
   */
  dismissMessage(eventId: string, body: DismissMessage, options?: CallOptions): Promise<InboxMessage> {
    return this.json<InboxMessage>("POST", `/v1/inbox/${part(eventId)}/dismiss`, { body, options, repeatable: false });
  }

  /**
   * Ask Support.
   *
   * Take a question; the customer gets a receipt, and the FAQ's best answers are given at once.
   *
   * The same `case_id`, or the same `Idempotency-Key`, again gives the same case. A question by
   * `email` whose subject names a case in brackets, as our mails do, and comes from that case's
   * address is one more message of it; once that case has closed, it is a new one that follows it.
   */
  askSupport(body: AskedQuestion, options?: CallOptions): Promise<Received> {
    return this.json<Received>("POST", `/v1/support-cases`, { body, options, repeatable: true });
  }

  /**
   * List support cases.
   *
   * Cases that have not ended, or those of the statuses that are named, a moment behind the cases themselves.
   *
   * With `escalated` a page may hold fewer than `limit`; a page without a `next_cursor` is the last.
   */
  listCases(query: ListCasesQuery = {}, options?: CallOptions): Promise<CaseList> {
    return this.json<CaseList>("GET", `/v1/support-cases`, { query, options, repeatable: true });
  }

  /** The pages of `listCases` from the cursor on, as long as there are more. */
  async *pagesOfCases(query: ListCasesQuery = {}, options?: CallOptions): AsyncGenerator<CaseList, void> {
    for (let page; ; query = { ...query, cursor: page.next_cursor! }) {
      page = await this.listCases(query, options);
      yield page;
      if (!page.next_cursor) return;
    }
  }

  /** What is in the pages of `listCases`, as if they were one. */
  async *iterCases(query: ListCasesQuery = {}, options?: CallOptions): AsyncGenerator<ListedCase, void> {
    for await (const page of this.pagesOfCases(query, options)) yield* page.cases;
  }

  /**
   * Show Case.
   *
   * Show all of one case, from the database once it has ended.
   */
  showCase(caseId: string, options?: CallOptions): Promise<CaseView> {
    return this.json<CaseView>("GET", `/v1/support-cases/${part(caseId)}`, { options, repeatable: true });
  }

  /**
   * Add Case Message.
   *
   * Write `by` the `customer`, or answer: `by` anybody else, for which the key needs `support` or `operate`.
   */
  addCaseMessage(caseId: string, body: AddMessage, options?: CallOptions): Promise<CaseSummary> {
    return this.json<CaseSummary>("POST", `/v1/support-cases/${part(caseId)}/messages`, { body, options, repeatable: true });
  }

  /**
   * Close Case.
   *
   * Say that nothing more is to be answered.
   */
  closeCase(caseId: string, body: CloseCase, options?: CallOptions): Promise<CaseSummary> {
    return this.json<CaseSummary>("POST", `/v1/support-cases/${part(caseId)}/close`, { body, options, repeatable: true });
  }

  /**
   * Make Return Of Case.
   *
   * Have the case become a return; what is left out is taken from the case and its order.
   *
   * Of an order whose customer has another address than the one that asked it is refused, unless `anyway` is true.
   * To bring an `order` of its own the key needs `vouch` beside; no other order may have used its payments. What
   * an exchange brings is what the order offers, unless the key has `operate` or `vouch`.
   */
  makeReturnOfCase(caseId: string, body: MakeReturn, options?: CallOptions): Promise<CaseSummary> {
    return this.json<CaseSummary>("POST", `/v1/support-cases/${part(caseId)}/return`, { body, options, repeatable: true });
  }

  /**
   * Search Faq.
   *
   * Look up answers; the shop's own words, with the policy in force.
   */
  searchFaq(query: SearchFaqQuery = {}, options?: CallOptions): Promise<FaqAnswers> {
    return this.json<FaqAnswers>("GET", `/v1/faq`, { query, options, repeatable: true });
  }

  /**
   * Show each partner: its limit, how failed steps are tried again, and what waits.
   *
   * The rules that hold, who changed them, and what waits: an outage is one line.
   */
  listPartners(options?: CallOptions): Promise<Partners> {
    return this.json<Partners>("GET", `/v1/partners`, { options, repeatable: true });
  }

  /**
   * Change how a partner's failed steps are tried again.
   *
   * From now on, for new returns, open ones, and steps that wait already.
   */
  changeRetries(partner: string, body: RetryChange, options?: CallOptions): Promise<MovedSteps> {
    return this.json<MovedSteps>("POST", `/v1/partners/${part(partner)}/retries`, { body, options, repeatable: false });
  }

  /**
   * Have a partner's failed steps tried again as by default.
   *
   * From now on, as the code and the settings say.
   */
  resetRetries(partner: string, body: RetryReset, options?: CallOptions): Promise<MovedSteps> {
    return this.json<MovedSteps>("POST", `/v1/partners/${part(partner)}/retries/reset`, { body, options, repeatable: false });
  }

  /**
   * Try a partner's waiting steps now.
   *
   * Try them at the given rate, the longest waiting first; each keeps the number of its attempt.
   */
  hurrySteps(partner: string, body: HurrySteps = {}, options?: CallOptions): Promise<MovedSteps> {
    return this.json<MovedSteps>("POST", `/v1/partners/${part(partner)}/retries/now`, { body, options, repeatable: false });
  }

  /**
   * Limit how many of a partner's steps begin each second.
   *
   * Bound them: 0 pauses the partner, what would begin waits and no attempt is counted; no figure lifts the limit.
   *
   * It holds for `for_seconds`, or ramps up, where the body says so.
   */
  limitPartner(partner: string, body: LimitChange, options?: CallOptions): Promise<HeldLimit> {
    return this.json<HeldLimit>("POST", `/v1/partners/${part(partner)}/limit`, { body, options, repeatable: false });
  }

  /**
   * Poll events.
   *
   * What has happened since somebody subscribes, by the settings or `/v1/subscriptions`.
   *
   * Ask again with `next_cursor`, at once while there is `more`. With types a page may hold fewer events than
   * `limit`, or none, and its cursor goes on all the same.
   */
  listEvents(query: ListEventsQuery = {}, options?: CallOptions): Promise<EventPage> {
    return this.json<EventPage>("GET", `/v1/events`, { query, options, repeatable: true });
  }

  /** The pages of `listEvents` from the cursor on, as long as there are more. */
  async *pagesOfEvents(query: ListEventsQuery = {}, options?: CallOptions): AsyncGenerator<EventPage, void> {
    for (let page; ; query = { ...query, cursor: page.next_cursor! }) {
      page = await this.listEvents(query, options);
      yield page;
      if (!page.more) return;
    }
  }

  /** What is in the pages of `listEvents`, as if they were one. */
  async *iterEvents(query: ListEventsQuery = {}, options?: CallOptions): AsyncGenerator<ReturnEvent | SupportEvent | RepairEvent | SupplierEvent | StockEvent | CreditEvent, void> {
    for await (const page of this.pagesOfEvents(query, options)) yield* page.events;
  }

  /**
   * List subscriptions.
   *
   * Those of the settings first.
   */
  listSubscriptions(options?: CallOptions): Promise<Subscribers> {
    return this.json<Subscribers>("GET", `/v1/subscriptions`, { options, repeatable: true });
  }

  /**
   * Subscribe to events.
   *
   * Have what happens from now on sent to a URL, or kept for who polls: of returns, of those that begin from now on.
   *
   * The same URL again is the same subscription, and its secret is not shown again.
   */
  createSubscription(body: NewSubscription = {}, options?: CallOptions): Promise<Subscriber> {
    return this.json<Subscriber>("POST", `/v1/subscriptions`, { body, options, repeatable: false });
  }

  /**
   * Show a subscription.
   *
   * One that was made by the API.
   */
  showSubscription(subscriptionId: string, options?: CallOptions): Promise<Subscriber> {
    return this.json<Subscriber>("GET", `/v1/subscriptions/${part(subscriptionId)}`, { options, repeatable: true });
  }

  /**
   * Remove a subscription.
   *
   * Nothing more is sent to it, and what waited for it is forgotten.
   */
  removeSubscription(subscriptionId: string, options?: CallOptions): Promise<Subscriber> {
    return this.json<Subscriber>("DELETE", `/v1/subscriptions/${part(subscriptionId)}`, { options, repeatable: true });
  }

  /**
   * Change or pause a subscription.
   *
   * Other types, or a pause, during which its events wait.
   */
  changeSubscription(subscriptionId: string, body: SubscriptionChange = {}, options?: CallOptions): Promise<Subscriber> {
    return this.json<Subscriber>("POST", `/v1/subscriptions/${part(subscriptionId)}/change`, { body, options, repeatable: false });
  }

  /**
   * Give a subscription another secret.
   *
   * Events are signed with both secrets until the overlap is over.
   */
  rotateSecret(subscriptionId: string, body: Rotation = {}, options?: CallOptions): Promise<Subscriber> {
    return this.json<Subscriber>("POST", `/v1/subscriptions/${part(subscriptionId)}/rotate`, { body, options, repeatable: false });
  }

  /**
   * Send a test event.
   *
   * Send an event of the type `homeward.test`, signed as all are, and wait for the answer for 10 s.
   */
  sendTestEvent(subscriptionId: string, options?: CallOptions): Promise<Delivered> {
    return this.json<Delivered>("POST", `/v1/subscriptions/${part(subscriptionId)}/test`, { options, repeatable: false });
  }

  /**
   * Send events again.
   *
   * Send what happened or was kept since a time again, in order; one that answered 410 is sent events again.
   */
  replayEvents(subscriptionId: string, body: Replay, options?: CallOptions): Promise<Replayed> {
    return this.json<Replayed>("POST", `/v1/subscriptions/${part(subscriptionId)}/replay`, { body, options, repeatable: false });
  }

  /**
   * Check Liveness.
   *
   * The process is alive.
   */
  checkLiveness(options?: CallOptions): Promise<Alive> {
    return this.json<Alive>("GET", `/healthz`, { options, repeatable: true });
  }

  /**
   * Check Readiness.
   *
   * Temporal and the database answer, are set up for this version, and somebody takes the work.
   */
  checkReadiness(options?: CallOptions): Promise<Health> {
    return this.json<Health>("GET", `/readyz`, { options, repeatable: true });
  }

}
