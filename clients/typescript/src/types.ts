// What is sent and answered. A newer Homeward may answer with more fields, and with other texts out of a list.
// Made of the API's description; `python -m clients.generate` makes it anew.

/** What was decided about one unit. */
export type Acceptance = "pending" | "accepted" | "rejected" | "manual_review" | (string & {});

/**
 * Nobody has to look at it as it is; where it changes, they do again.
 *
 * `subject` is one of several of the same kind and return; all of them when left out. With `take_back` somebody
 * has to look at it again now.
 */
export interface AcknowledgeFinding {
  by: string;
  why: string;
  return_id: string;
  kind: string;
  subject?: string | null;
  /** Default: false. */
  take_back?: boolean;
}

/** Who has looked at it, and why nobody else has to. */
export interface Acknowledged {
  at: string;
  by: string;
  why: string;
}

/** One more message: the customer's, or an answer by somebody of the shop, whom `by` names. */
export interface AddMessage {
  message_id: string;
  by: string;
  text: string;
}

/** New units that came from elsewhere, such as a delivery; they lie at `main`, as grade A. */
export interface AddStock {
  by: string;
  sku: string;
  quantity: number;
}

/** A postal address; `country` is ISO 3166-1 alpha-2. */
export interface Address {
  name?: string | null;
  line1: string;
  line2?: string | null;
  city: string;
  state?: string | null;
  postal_code?: string | null;
  country: string;
}

/** Said by whoever can say it. */
export interface Alive {
  /** Default: true. */
  alive?: true;
}

/** A question with its answer; `text` is Markdown, `url` its page in the portal. */
export interface Answer {
  faq_id: string;
  title: string;
  text: string;
  url: string;
}

/**
 * The customer, or staff for them, answers what an exchange would cost more than was agreed.
 *
 * `accepted`: they pay. Else they get money `instead`, a refund where nothing is said; or fewer
 * pieces at no more than was agreed. `exchange_for` names the pieces that are still wanted, and
 * may go with either. `amount` is the charge that they were shown; another one by now is refused.
 */
export interface AnswerCharge {
  by: string;
  accepted: boolean;
  instead?: "refund" | "store_credit" | null;
  exchange_for?: Array<Piece> | null;
  amount?: number | null;
}

/**
 * An answer to all steps of a kind, that wait since `before` and whose error has `error` in it.
 *
 * `rps` of them are answered each second.
 */
export interface AnswerWaiting {
  by: string;
  why: string;
  action: "retry" | "mark_done" | "skip";
  step: string;
  /** Not before 2000-01-01T00:00:00Z. */
  before: string;
  error?: string | null;
  /** Default: 5.0. */
  rps?: number;
}

/** An operator lets a reviewed return go on. */
export interface Approve {
  by: string;
  note?: string | null;
}

/**
 * What an exchange would cost the customer, more than was agreed; they have `until` to answer.
 *
 * `refund` and `store_credit` are what they would get instead of `exchange_for`. Minor units.
 */
export interface Asked {
  amount: number;
  until: string;
  refund: number;
  store_credit: number;
  exchange_for: Array<ExchangeItem>;
}

/** A question after the sale. An id is made for one that brings none. */
export interface AskedQuestion {
  /** Default: "web". */
  channel?: Channel;
  email: string;
  subject: string;
  text: string;
  order_id?: string | null;
  return_id?: string | null;
  queue?: Queue | null;
  follows?: string | null;
  case_id?: string | null;
}

/**
 * Whether the address that the answers go to is who they are for. Not the address itself.
 *
 * `proved`: somebody has followed the link that the case's mails bring to it. `of_order`: it is the one of the
 * order that the question is about; None where no such order is known.
 */
export interface AskersAddress {
  /** Default: false. */
  proved?: boolean;
  of_order?: boolean | null;
}

/** Whose it is. `confirm`: though something speaks against it. */
export interface AttachMessage {
  by: string;
  return_id: string;
  /** Default: false. */
  confirm?: boolean;
}

/** A step that failed for good and waits for an operator; `note` and `photos` are the warehouse's. */
export interface Attention {
  step: string;
  error: string;
  since: string;
  note?: string | null;
  photos?: Array<string>;
}

/** Returns that took the answer, those that refused it with why, and how many are `left` for a repeat. */
export interface AttentionAnswers {
  answered?: Array<string>;
  refused?: Record<string, string>;
  left: number;
}

/** An attestation that a unit's personal data was wiped, and how. */
export interface AttestWipe {
  by: string;
  unit_id: string;
  how: string;
}

/** The supplier's word that it takes units back. */
export interface Authorisation {
  authorisation_id: string;
  by: string;
  at: string;
}

/** The supplier takes these units back. */
export interface Authorise {
  authorisation_id: string;
  by: string;
  unit_ids: Array<string>;
}

/** What can be spent in one currency; `expires_at` is when the first part of it ends, null when none does. */
export interface Balance {
  currency: string;
  amount: number;
  expires_at: string | null;
}

/** What is on the bench, the longest waiting first. */
export interface Bench {
  repairs: Array<QueuedRepair>;
}

/**
 * The parts of an amount, in minor units. Fees and deductions are positive here.
 *
 * `capped` is what would go back besides, if there were more of the order's money left.
 */
export interface Breakdown {
  /** Default: 0. */
  units?: number;
  /** Default: 0. */
  shipping?: number;
  /** Default: 0. */
  order_fees?: number;
  /** Default: 0. */
  restocking_fee?: number;
  /** Default: 0. */
  return_shipping_fee?: number;
  /** Default: 0. */
  condition_deduction?: number;
  /** Default: 0. */
  bonus?: number;
  /** Default: 0. */
  exchange?: number;
  /** Default: 0. */
  capped?: number;
}

/**
 * A partner that fails for everybody with one code: one step after the other is tried, `probed_at` the last.
 *
 * Once one has worked it is `recovering`: what waits is being hurried.
 */
export interface Breaker {
  code: string;
  state: "open" | "recovering" | (string & {});
  since: string;
  probed_at: string | null;
}

/** The customer, or staff for them, calls the return off. */
export interface Cancel {
  by: string;
  reason?: string | null;
}

/** The longest open first; null as `next_cursor` at the end. */
export interface CaseList {
  cases: Array<ListedCase>;
  next_cursor: string | null;
}

/** One message of the conversation. */
export interface CaseMessage {
  message_id: string;
  at: string;
  by: string;
  text: string;
}

/** Whose word is awaited: the shop's while `open`, the customer's once `answered`; else nobody's. */
export type CaseStatus = "open" | "answered" | "closed" | "became_return";

/** The short answer of an update. `answer_by` is null while no answer is awaited, or before the case is open. */
export interface CaseSummary {
  case_id: string;
  status: CaseStatus;
  queue: Queue;
  answer_by: string | null;
  escalated: boolean;
  became_return: string | null;
  attention: string | null;
  ignored?: Array<string>;
}

/**
 * What the query `view` gives back.
 *
 * `return_id` is the return that the question is about, `became_return` the one that came of it.
 */
export interface CaseView {
  case_id: string;
  queue: Queue;
  status: CaseStatus;
  closed: boolean;
  channel: Channel;
  subject: string;
  order_id: string | null;
  return_id: string | null;
  follows: string | null;
  opened_at: string;
  answer_by: string | null;
  closes_at: string | null;
  first_answer_at: string | null;
  escalated: boolean;
  became_return: string | null;
  answers: Array<FoundAnswer>;
  /** Default: {"proved": false}. */
  address?: AskersAddress;
  messages: Array<CaseMessage>;
  attention: Attention | null;
  timeline: Array<TimelineEntry>;
}

/** What the customer wants otherwise, before the handover; nulls stay as they are. */
export interface ChangeRequest {
  by: string;
  items?: Array<Item> | null;
  resolution?: Resolution | null;
  method?: Method | null;
  exchange_for?: Array<ExchangeItem> | null;
  pickup_slot?: TimeWindow | null;
}

/** Where the customer asked; recorded, the path is the same. */
export type Channel = "web" | "email" | "phone" | "chat" | "store";

/** Nothing more is to be answered; `by` the customer, or somebody of the shop. */
export interface CloseCase {
  by: string;
  reason?: string | null;
}

/**
 * Who bought; the only personal data of a return.
 *
 * Without an id it is a guest, who is known by the mail address; without that, by the order alone. Nothing is mailed
 * to who has no address for it, and nothing is fetched from or sent to who has no postal one.
 */
export interface Customer {
  customer_id?: string;
  name?: string;
  email?: string | null;
  phone?: string | null;
  address?: Address | null;
}

/**
 * Instants, each 23:59:59 of its day in the policy's zone; null before their start.
 *
 * `label_by` is there, to the second, only while the customer waits for a label, a code or a pickup.
 */
export interface Deadlines {
  label_by?: string | null;
  ship_by?: string | null;
  target?: string | null;
  limit?: string | null;
}

/** What the policy said, and why. */
export interface Decision {
  outcome: Outcome;
  rules?: Array<FiredRule>;
}

/** An operator turns a reviewed return down. */
export interface Decline {
  by: string;
  reason: string;
}

/** Whether the test event was taken, and why not. */
export interface Delivered {
  delivered: boolean;
  error: string | null;
}

/** The bench looked at the unit. `estimate` is the price, tax included, of a repair out of warranty. */
export interface Diagnosis {
  diagnosis_id: string;
  /** Default: "bench". */
  by?: string;
  outcome: DiagnosisOutcome;
  estimate?: number | null;
  note?: string | null;
}

/** What the bench found. */
export type DiagnosisOutcome = "repairable" | "unrepairable" | "no_fault";

/** Nothing is to be done about it. */
export interface DismissMessage {
  by: string;
  why: string;
}

/** Nothing is to be done about all that waits from a partner for no return that there is. */
export interface DismissUnknown {
  by: string;
  why: string;
  source: "easypost" | "stripe" | "warehouse" | "payments";
}

/** How many messages were put away. */
export interface Dismissed {
  dismissed: number;
}

/** Where a graded unit goes. */
export type Disposition = "restock" | "open_box" | "refurbish" | "repair" | "return_to_supplier" | "recycle" | "donate" | "dispose" | "return_to_customer";

/** Where the parcel can be left, and the code that is shown there. */
export interface DropOff {
  points?: Array<Record<string, string | null>>;
  code?: string | null;
}

/**
 * One change of one credit: `kind` is issue, bonus, spend, give_back or take_back, `amount` is signed.
 *
 * `expires_at` is when that credit ends; `by` and `why` are null for what a return gave.
 */
export interface Entry {
  at: string;
  kind: string;
  currency: string;
  amount: number;
  credit_id: string;
  return_id: string | null;
  order_id: string | null;
  expires_at: string | null;
  by: string | null;
  why: string | null;
}

/** The customer, or staff for them, accepts the estimate or refuses it. */
export interface EstimateAnswer {
  by: string;
  accepted: boolean;
}

/** The `data` of an event, as subscribers get it. */
export interface EventData {
  /** How the return stood at that moment. */
  summary: Summary;
  /** What the customer gets, as known then. */
  resolution?: Resolution | null;
  /** The units that it is about; those that stand alike are one row. */
  units?: Array<EventUnits>;
  /** What it paid, to which tender, with which reference. */
  paid?: Array<EventPayment>;
  /** The parcel that it is about. */
  tracking_code?: string | null;
  /** The policy's rules that stood in the way. */
  rules?: Array<EventRule>;
  /** The hold on the card. */
  hold?: Hold | null;
  /** What goes out to the customer. */
  sent?: Array<SentItem>;
  /** The step that waits for an operator. */
  step?: string | null;
  /** True where it is told later than it happened: the summary is of then. Default: false. */
  late?: boolean;
  /** Its place in the return's timeline, counted from 1 without a gap. */
  number: number;
  /** The entry of the return's timeline. */
  entry: PublishedEntry;
}

/** Events, oldest first; `next_cursor` goes on behind them, now or later. `more`: there are more already. */
export interface EventPage {
  events: Array<ReturnEvent>;
  next_cursor: string;
  more: boolean;
}

/** One payment to a tender; below 0 it is charged to it. */
export interface EventPayment {
  /** The order's tender, or store_credit. */
  tender_id: string;
  /** What kind of tender that is; null in an event that is published late. */
  kind?: TenderKind | null;
  /** In minor units of the return's currency; below 0 for a charge. */
  amount: number;
  /** How far it is. */
  state: "planned" | "pending" | "succeeded" | "failed" | (string & {});
  /** The provider's, or what staff noted of a payment by hand. */
  reference?: string | null;
}

/** A rule of the policy that stood in the way; of the whole return where `unit_id` is null. */
export interface EventRule {
  /** The rule's name. */
  rule: RuleName;
  /** The unit that it is about. */
  unit_id?: string | null;
}

/** Units of one line that stand alike. `refund` is for all of them, null until it is decided. */
export interface EventUnits {
  /** The order's line. */
  line_id: string;
  /** The line's SKU. */
  sku: string;
  /** How many units these are. */
  quantity: number;
  /** Their ids within the return. */
  unit_ids: Array<string>;
  /** Why the customer sends them back; null in an event that is published late. */
  reason?: Reason | null;
  /** Where they are. */
  reception: Reception;
  /** What was decided about them. */
  acceptance: Acceptance;
  /** How good they are; null until it is known. */
  grade?: Grade | null;
  /** Where they end; null until it is known. */
  disposition?: Disposition | null;
  /** What is given back for all of them, in minor units; null until it is decided. */
  refund?: number | null;
}

/** What an exchange wants instead; `tax_total` is for the whole quantity. */
export interface ExchangeItem {
  sku: string;
  quantity: number;
  unit_price: number;
  /** Default: 0. */
  tax_total?: number;
}

/** Something that came and was not expected; taken, and unpaid. Of no line, it has its `sku`. */
export interface Extra {
  line_id: string | null;
  sku?: string | null;
  quantity: number;
  serial_number?: string | null;
  receipt_id: string;
}

/** Those that fit, the best first. */
export interface FaqAnswers {
  answers: Array<Answer>;
}

/** What the customer paid for besides goods and shipping. */
export type FeeKind = "gift_wrap" | "duties" | "tip" | "payment" | "other";

/** What was found first stands first; `more`: there are more than these. */
export interface Findings {
  findings: Array<KnownFinding>;
  more: boolean;
}

/** A rule that stood in the way; `unit_id` is null when it concerns the whole return. */
export interface FiredRule {
  rule: RuleName;
  unit_id?: string | null;
  detail: string;
}

/** An answer of the FAQ that was offered to the customer. */
export interface FoundAnswer {
  faq_id: string;
  title: string;
}

/** An order that was paid with store credit came to nothing. */
export interface GiveBackCredit {
  by: string;
  /** The customer's id; `guest:` and the mail address for one who bought without. */
  customer_id: string;
  /** The order that is paid with it, or was. */
  order_id: string;
}

/** The item's end. */
export interface Goods {
  state: GoodsState;
}

/** The item's end. */
export type GoodsState = "awaiting" | "in_transit" | "delivered" | "partially_received" | "received" | "lost" | "kept" | (string & {});

/** Condition at inspection: A as new, B opened, C used or damaged, D unusable. */
export type Grade = "A" | "B" | "C" | "D";

/** How the goods come back, and since when. */
export interface Handover {
  method: Method;
  tracking_code?: string | null;
  label_url?: string | null;
  at?: string | null;
  pickup?: Pickup | null;
  drop_off?: DropOff | null;
}

/** Whether Temporal and the database are as they should be; `failing` says what is not, by name, and how. */
export interface Health {
  temporal: boolean;
  database: boolean;
  failing: Record<string, string>;
}

/**
 * At most `rps` steps begin each second: 0 is a pause, None no limit. `reason` is why and by whom.
 *
 * Where it changes by itself, it is `then_rps` from `until` on.
 */
export interface HeldLimit {
  rps: number | null;
  reason: string | null;
  at: string | null;
  until: string | null;
  then_rps: number | null;
}

/** A card hold behind an advance replacement. */
export interface Hold {
  amount: number;
  state: "held" | "released" | "captured" | "expired" | (string & {});
  reference?: string | null;
}

/** Waiting steps of a partner are tried now, so many a second; `code` names one way of failing. */
export interface HurrySteps {
  code?: string | null;
  /** Default: 5.0. */
  rps?: number;
}

/**
 * One message. `queued` ones are passed on by themselves, `waiting` ones need somebody; `why` says for what.
 *
 * `message` is a tracking scan, news of a refund, a receipt or an inspection, as `kind` says. With a
 * `next_attempt_at` it is tried again by itself.
 */
export interface InboxMessage {
  id: number;
  at: string;
  source: string;
  event_id: string;
  kind: "tracking" | "payment" | "receipt" | "inspection" | (string & {});
  return_id: string | null;
  tracking_code: string | null;
  message: Record<string, unknown>;
  state: "queued" | "waiting" | "passed" | "dismissed" | (string & {});
  why: string | null;
  attempts: number;
  next_attempt_at: string | null;
}

/** The newest first; null as `next_cursor` at the end. */
export interface InboxPage {
  messages: Array<InboxMessage>;
  next_cursor: string | null;
}

/** One unit's verdict. A rejected unit needs no grade; the customer reads the `note`. */
export interface InspectedUnit {
  unit_id: string;
  /** Default: true. */
  accepted?: boolean;
  grade?: Grade | null;
  disposition?: Disposition | null;
  note?: string | null;
}

/** The warehouse looked at units; it may come in parts. */
export interface Inspection {
  inspection_id: string;
  /** Default: "warehouse". */
  by?: string;
  units: Array<InspectedUnit>;
}

/** What comes back: so many units of one line, for one reason. */
export interface Item {
  line_id: string;
  quantity: number;
  reason: Reason;
  note?: string | null;
}

/**
 * One thing that does not agree, what to do about it, and since when it is known.
 *
 * `subject` tells it from others of its kind and return, such as by a provider's reference.
 */
export interface KnownFinding {
  kind: string;
  return_id: string;
  subject: string;
  text: string;
  advice: string;
  since: string;
  acknowledged: Acknowledged | null;
}

/** Who changed how a partner's failed steps are tried again. */
export interface LastChange {
  at: string;
  by: string;
  why: string;
}

/** Settled after its target: `past_limit`, after the limit too. `business_days` is how many it took. */
export interface LateReturn {
  return_id: string;
  business_days: number | null;
  target: string;
  limit: string;
  settled: string;
  past_limit: boolean;
}

/**
 * From now on, at most `rps` steps of a partner begin each second: 0 is a pause, null no limit.
 *
 * With `for_seconds` it holds for so long, then what held before it. One that `ramps` is doubled every ten
 * seconds, until what held before it is reached, or a hundred a second, where it is lifted.
 */
export interface LimitChange {
  by: string;
  why: string;
  rps: number | null;
  for_seconds?: number | null;
  /** Default: false. */
  ramps?: boolean;
}

/**
 * One order line; what ends in `_total` is for all its units together.
 *
 * `refunded_total` is all that has been given back for it, tax included: for units that came back, and for others.
 * `shipped_quantity` None is all of it, `delivered_at` None the order's.
 */
export interface Line {
  line_id: string;
  sku: string;
  title?: string;
  quantity: number;
  /** Default: 0. */
  returned_quantity?: number;
  shipped_quantity?: number | null;
  delivered_at?: string | null;
  unit_price: number;
  /** Default: 0. */
  discount_total?: number;
  /** Default: 0. */
  tax_total?: number;
  /** Default: 0. */
  refunded_total?: number;
  serial_numbers?: Array<string>;
  /** Default: false. */
  final_sale?: boolean;
  /** Default: false. */
  holds_personal_data?: boolean;
  warranty_until?: string | null;
  supplier_id?: string | null;
  part_of?: string | null;
  category?: string | null;
  tags?: Array<string>;
  image_url?: string | null;
  tax_lines?: Array<TaxLine>;
}

/**
 * One row of a list, a moment behind the return itself.
 *
 * What stands in our records alone is null for a return that is just being opened.
 */
export interface Listed {
  return_id: string;
  order_id: string;
  status: Status;
  /** The next promise to the customer; null before the goods are on their way. */
  resolve_by: string | null;
  /** Past its target. */
  escalated: boolean;
  /** The step that waits for an operator. */
  attention: string | null;
  resolution?: Resolution | null;
  method?: Method | null;
  /** When it was started. */
  opened_at?: string | null;
  /** When anything was last recorded of it. */
  updated_at?: string | null;
  /** When it closed; null while it is open. */
  closed_at?: string | null;
  /** ISO 4217. */
  currency?: string | null;
  /** What was paid for the goods, in minor units. */
  value?: number | null;
  /** What the customer gets, in minor units: as promised; once closed, as it ended. */
  amount?: number | null;
}

/** A case in a list; `attention` is the step that waits for an operator. */
export interface ListedCase {
  case_id: string;
  queue: Queue;
  status: CaseStatus;
  escalated: boolean;
  channel: Channel;
  subject: string;
  order_id: string | null;
  return_id: string | null;
  became_return: string | null;
  opened_at: string;
  answer_by: string | null;
  attention: string | null;
}

/** The case becomes a return; `anyway`: even if the order is not of the address that asked. */
export interface MakeReturn {
  by: string;
  request?: WantedReturn | null;
  /** Default: false. */
  anyway?: boolean;
}

/** How the goods come back. */
export type Method = "mail" | "pickup" | "drop_off";

/** How an amount is made; fees in minor units, percentages of a unit's net price. */
export interface MoneyRules {
  /** Default: "seller_fault". */
  refund_original_shipping?: "seller_fault" | "never" | "always";
  refund_order_fees?: Array<FeeKind>;
  /** Default: "0". */
  restocking_fee_percent?: number | string;
  /** Default: 0. */
  return_shipping_fee?: number;
  /** Default: {"A": "0", "B": "0", "C": "30", "D": "100"}. */
  condition_deduction_percent?: Record<string, number | string>;
  /** Default: "0". */
  store_credit_bonus_percent?: number | string;
  /** Default: 0. */
  store_credit_valid_days?: number;
  /** Default: ["gift_card", "store_credit", "card", "other"]. */
  tender_order?: Array<TenderKind>;
  /** Default: "attention". */
  on_refund_failure?: "attention" | "next_tender" | "store_credit";
}

/** How many waiting steps got another time, and how many are `left`: repeat the call for these. */
export interface MovedSteps {
  moved: number;
  left: number;
}

/** An order that the shop knows, by its id. */
export interface NamedOrder {
  order_id: string;
}

/** A quote of an order that the shop knows. */
export interface NamedQuote {
  return_id?: string | null;
  order: NamedOrder;
  items: Array<QuotedItem>;
  /** Default: "refund". */
  resolution?: Resolution;
  /** Default: "mail". */
  method?: Method;
  /** Default: "web". */
  channel?: Channel;
  exchange_for?: Array<ExchangeItem> | null;
  pickup_slot?: TimeWindow | null;
  policy?: MoneyRules | null;
}

/** A return of an order that the shop knows. */
export interface NamedRequest {
  return_id?: string | null;
  order: NamedOrder;
  items: Array<Item>;
  /** Default: "refund". */
  resolution?: Resolution;
  /** Default: "mail". */
  method?: Method;
  /** Default: "web". */
  channel?: Channel;
  exchange_for?: Array<ExchangeItem> | null;
  pickup_slot?: TimeWindow | null;
}

/** Where events go. Without `url` nothing is sent: events are kept for `GET /v1/events`. */
export interface NewSubscription {
  /** https, or http on this machine. */
  url?: string | null;
  /** The types that it gets; all when empty. */
  types?: Array<"homeward.return.requested" | "homeward.return.in_review" | "homeward.return.approved_first" | "homeward.return.approved" | "homeward.return.declined" | "homeward.return.kept" | "homeward.return.label_sent" | "homeward.return.changed" | "homeward.return.resolution_changed" | "homeward.return.reminded" | "homeward.return.handed_over" | "homeward.return.delivered" | "homeward.return.delivery_failed" | "homeward.return.returned_to_sender" | "homeward.return.lost" | "homeward.return.scan_passed_over" | "homeward.return.received" | "homeward.return.inspected" | "homeward.return.came_before" | "homeward.return.wiped" | "homeward.return.sent_back" | "homeward.return.bench_done" | "homeward.return.escalated" | "homeward.return.limit_reached" | "homeward.return.cancelled" | "homeward.return.cancel_refused" | "homeward.return.expired" | "homeward.return.reopened" | "homeward.return.hold_placed" | "homeward.return.hold_released" | "homeward.return.hold_captured" | "homeward.return.hold_expired" | "homeward.return.charge_asked" | "homeward.return.charge_accepted" | "homeward.return.charge_refused" | "homeward.return.charge_unanswered" | "homeward.return.charge_withdrawn" | "homeward.return.fewer_pieces" | "homeward.return.replacement_shipped" | "homeward.return.repaired_shipped" | "homeward.return.shortfall" | "homeward.return.paid_before" | "homeward.return.refund_failed" | "homeward.return.charge_failed" | "homeward.return.attention" | "homeward.return.attention_resolved" | "homeward.return.overridden" | "homeward.return.dropped" | "homeward.return.released" | "homeward.return.refunded" | "homeward.return.credited" | "homeward.return.replaced" | "homeward.return.exchanged" | "homeward.return.repaired" | "homeward.return.rejected" | "homeward.return.closed">;
}

/** The order as the shop knows it; its prices, discounts and taxes are facts. */
export interface Order {
  order_id: string;
  placed_at?: string | null;
  delivered_at?: string | null;
  currency: string;
  /** Default: false. */
  prices_include_tax?: boolean;
  customer: Customer;
  lines: Array<Line>;
  /** Default: {"price": 0, "discount": 0, "tax": 0}. */
  shipping?: Shipping;
  fees?: Array<OrderFee>;
  /** Default: 0. */
  cash_rounding?: number;
  /** Default: "paid". */
  payment_state?: PaymentState;
  tenders?: Array<Tender>;
  locale?: string | null;
  tags?: Array<string>;
}

/** A fee of the order as a whole; `tax` is besides the `amount`, or in it, as with prices. */
export interface OrderFee {
  /** Default: "other". */
  kind?: FeeKind;
  title?: string;
  amount: number;
  /** Default: 0. */
  tax?: number;
}

/** What the policy said. */
export type Outcome = "allowed" | "partial" | "review" | "declined" | (string & {});

/** An operator changes a fact of the return, or of one unit, and says why. */
export interface Override {
  by: string;
  why: string;
  unit_id?: string | null;
  field: string;
  value?: unknown;
}

/** Some returns, and the `cursor` of what comes after; null at the end. */
export interface Page {
  returns: Array<Listed>;
  next_cursor: string | null;
}

/** One payment to one tender, in minor units. */
export interface Paid {
  tender_id: string;
  amount: number;
  state: "pending" | "succeeded" | "failed" | (string & {});
  reference?: string | null;
}

/** So many of one spare part. */
export interface Part {
  sku: string;
  /** Default: 1. */
  quantity?: number;
}

/**
 * How a partner's failed steps are tried again, how many steps may begin, and what waits.
 *
 * Waits double from `initial_seconds` to `maximum_seconds`. `since` is the longest waiting step's first
 * failure, `next_at` when the first is tried again, `codes` how many fail in which way. `recovery_rps` of
 * them are tried each second once it is back, after a breaker was open.
 */
export interface Partner {
  partner: string;
  initial_seconds: number;
  maximum_seconds: number;
  give_up_after_seconds: number;
  retry_after_maximum_seconds: number;
  recovery_rps: number;
  limit: HeldLimit | null;
  changed: LastChange | null;
  waiting: number;
  since: string | null;
  next_at: string | null;
  codes: Record<string, number>;
  breakers: Array<Breaker>;
}

/** Every partner. */
export interface Partners {
  partners: Array<Partner>;
}

/** Whether an order is paid, and whether money can go back the way it came. */
export type PaymentState = "paid" | "unpaid" | "cash_on_delivery" | "net_terms";

/** When the carrier can come, and when it will. */
export interface Pickup {
  slots?: Array<TimeWindow>;
  booked?: TimeWindow | null;
}

/** So many of one thing that an exchange brings. */
export interface Piece {
  sku: string;
  /** Default: 1. */
  quantity?: number;
}

/** What opens the pages, once and without a button, until `ends_at`. */
export interface PortalLink {
  url: string;
  ends_at: string;
}

/**
 * Which order's pages to open, for the customer who is signed in at the shop.
 *
 * `go`: `return` is the order with what can come back, `status` its latest return, `label` that return's label.
 * `items` are lines that are ticked beforehand; `return_to` is where the portal leads back to.
 */
export interface PortalLinkRequest {
  order_id: string;
  customer: string;
  /** Default: "return". */
  go?: "return" | "status" | "label";
  items?: Array<string>;
  return_to?: string | null;
}

/** Why a call failed (RFC 9457); `type` leads to its explanation. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  errors?: Array<WrongField> | null;
  return_id?: string | null;
}

/**
 * Settled returns of that time, and how long they took, in business days.
 *
 * `share_within_target` and `share_within_limit` are of all of them, from 0 to 1; the second counts those of the
 * first too. `late` are those after the target, the latest last; `more`: there are more than these.
 */
export interface PromiseReport {
  closed_from: string;
  closed_before: string;
  settled: number;
  within_target: number;
  within_limit: number;
  later: number;
  share_within_target: number | null;
  share_within_limit: number | null;
  median: number | null;
  percentile_95: number | null;
  late: Array<LateReturn>;
  more: boolean;
}

/** What the links show, and for how many hours. */
export interface PublicLinkRequest {
  /** Default: ["status", "label"]. */
  show?: Array<"status" | "label">;
  /** Default: 72. */
  valid_hours?: number;
}

/**
 * Whoever has one sees what it shows, without signing in, until `ends_at`; null for what was not asked for.
 *
 * `status_url` shows where the return stands, without names, addresses, goods or amounts; `label_url` is the
 * label, or the code of a drop-off, as it then is.
 */
export interface PublicLinks {
  return_id: string;
  status_url: string | null;
  label_url: string | null;
  ends_at: string;
}

/** What happened, when, and which part of the shop or its partners did it; never a name. */
export interface PublishedEntry {
  /** When it happened. */
  at: string;
  /** What happened: a row of the table of events. */
  event: string;
  /** The engine, a channel, a partner, customer or warehouse; staff for anybody else. */
  by: string;
}

/** Whose task it is: those who see to returns, or those who answer everything else. */
export type Queue = "returns" | "support";

/** One row of the bench's queue, a moment behind the repair itself; `since` it is in its state. */
export interface QueuedRepair {
  return_id: string;
  unit_id: string;
  sku: string;
  location: string;
  state: RepairState;
  since: string;
  attention: string | null;
}

/** The settlement that a request would give, in minor units. */
export interface Quote {
  amount: number;
  currency: string;
  breakdown: Breakdown;
  paid: Array<QuotedPayment>;
  decision: Decision;
}

/** A request, as a quote takes it; `policy` holds overrides of the policy's money rules. */
export interface QuoteRequest {
  return_id?: string | null;
  order: Order;
  items: Array<QuotedItem>;
  /** Default: "refund". */
  resolution?: Resolution;
  /** Default: "mail". */
  method?: Method;
  /** Default: "web". */
  channel?: Channel;
  exchange_for?: Array<ExchangeItem> | null;
  pickup_slot?: TimeWindow | null;
  policy?: MoneyRules | null;
}

/** What would come back, and in which condition; none counts as A. */
export interface QuotedItem {
  line_id: string;
  quantity: number;
  reason: Reason;
  note?: string | null;
  grade?: Grade | null;
}

/** What one tender would get, in minor units. */
export interface QuotedPayment {
  tender_id: string;
  amount: number;
}

/** Why the customer sends a unit back. */
export type Reason = "defective" | "not_as_described" | "wrong_item" | "damaged_in_transit" | "size_too_small" | "size_too_large" | "color" | "style" | "unwanted" | "other";

/**
 * The warehouse opened a parcel. `complete`: nothing more is coming; no units: it was empty.
 *
 * `note` and `photos` (addresses, or ids in the warehouse's own system) are for whoever looks into it.
 */
export interface Receipt {
  receipt_id: string;
  /** Default: "warehouse". */
  by?: string;
  /** Default: "main". */
  location?: string;
  /** Default: false. */
  complete?: boolean;
  units?: Array<ReceiptUnits>;
  note?: string | null;
  photos?: Array<string>;
}

/**
 * So many units of a line in one parcel; a serial number names one unit.
 *
 * What belongs to no line of the order has a null `line_id` and its `sku`: an extra.
 */
export interface ReceiptUnits {
  line_id?: string | null;
  sku?: string | null;
  /** Default: 1. */
  quantity?: number;
  serial_number?: string | null;
}

/** Where the case stands, and the FAQ's best answers to the question. */
export interface Received {
  case_id: string;
  status: CaseStatus;
  queue: Queue;
  answer_by: string | null;
  escalated: boolean;
  became_return: string | null;
  attention: string | null;
  ignored?: Array<string>;
  answers: Array<Answer>;
}

/** Where one unit is, as far as the shop knows. */
export type Reception = "awaiting" | "in_transit" | "received" | "lost" | "wrong_item" | "missing" | "not_expected" | (string & {});

/** The supplier gives money back for these units; `amount` in minor units. */
export interface RecordCredit {
  credit_id: string;
  by: string;
  amount: number;
  currency: string;
  unit_ids: Array<string>;
}

/** Everything authorised and not shipped yet went out in one shipment. */
export interface RecordShipment {
  shipment_id: string;
  by: string;
  tracking_code?: string | null;
}

/** The supplier does not take these units back, or does not pay for them. */
export interface Refuse {
  by: string;
  unit_ids: Array<string>;
  reason: string;
}

/** An operator ends a return that no workflow carries. */
export interface Release {
  by: string;
  why: string;
}

/** Let go of what was set aside for a return that has ended; `key` is the reservation's. */
export interface ReleaseReservation {
  by: string;
  key: string;
}

/** The bench tested whether it works. */
export interface RepairCheck {
  check_id: string;
  /** Default: "bench". */
  by?: string;
  passed: boolean;
  note?: string | null;
}

/** How a repair ended, for the return to act on. */
export type RepairOutcome = "repaired" | "no_fault" | "refused" | "silent" | "unrepairable" | (string & {});

/** Where a repair stands; the last three are ends. Silence ends as `refused`, a sound unit as `done`. */
export type RepairState = "diagnosing" | "awaiting_customer" | "repairing" | "checking" | "done" | "refused" | "unrepairable" | (string & {});

/** The short answer to every update; `attention` is the waiting step's name or None. */
export interface RepairSummary {
  return_id: string;
  unit_id: string;
  state: RepairState;
  outcome: RepairOutcome | null;
  estimate: number | null;
  currency: string;
  answer_by: string | null;
  attention: string | null;
  ignored?: Array<string>;
}

/** All there is to see of a repair. `rounds` of work were begun; `closed`: nothing is left to do. */
export interface RepairView {
  return_id: string;
  order_id: string;
  unit_id: string;
  state: RepairState;
  outcome: RepairOutcome | null;
  estimate: number | null;
  currency: string;
  answer_by: string | null;
  sku: string;
  title: string;
  serial_number: string | null;
  location: string;
  in_warranty: boolean;
  rounds: number;
  parts: Array<Part>;
  closed: boolean;
  attention: Attention | null;
  timeline: Array<TimelineEntry>;
}

/** The bench repaired the unit, with these parts from stock. */
export interface RepairWork {
  repair_id: string;
  /** Default: "bench". */
  by?: string;
  parts?: Array<Part>;
  note?: string | null;
}

/** From when on events are sent again. */
export interface Replay {
  /** What happened, or was kept, since then; not in the future. Not before 2000-01-01T00:00:00Z. */
  since: string;
}

/** How many events are sent again. */
export interface Replayed {
  events: number;
}

/** What the customer wants instead. */
export type Resolution = "refund" | "store_credit" | "replacement" | "exchange" | "repair";

/** What to do with a step that failed for good: the oldest one, or the one named by `step`. */
export interface ResolveAttention {
  by: string;
  action: "retry" | "mark_done" | "skip";
  reference?: string | null;
  step?: string | null;
  why?: string | null;
}

/**
 * From now on, failed steps of a partner are tried again so; what is left out stays as it is.
 *
 * Waits double from `initial_seconds` to `maximum_seconds`. A step fails for good `give_up_after_seconds`
 * after its first failure. Of a partner's `Retry-After`, `retry_after_maximum_seconds` count at most. Once it
 * is back after it had failed for everybody, `recovery_rps` of the steps that wait are tried each second.
 */
export interface RetryChange {
  by: string;
  why: string;
  initial_seconds?: number | null;
  maximum_seconds?: number | null;
  give_up_after_seconds?: number | null;
  retry_after_maximum_seconds?: number | null;
  recovery_rps?: number | null;
}

/** From now on, failed steps of a partner are tried again as the code and the settings say. */
export interface RetryReset {
  by: string;
  why: string;
}

/** Something happened to a return (CloudEvents 1.0). */
export interface ReturnEvent {
  /** The version of CloudEvents. */
  specversion: "1.0";
  /** The same whenever the event is sent. */
  id: string;
  /** Where all events of returns come from. */
  source: "/homeward/returns";
  /** What happened. New types may come: pass over what you do not know. */
  type: string;
  /** The return's id. */
  subject: string;
  /** When it happened. */
  time: string;
  /** What data is. */
  datacontenttype: "application/json";
  /** Where the JSON Schema of this type's data is. */
  dataschema: string;
  /** What happened, and what it is about. */
  data: EventData;
}

/** One customer sending back units of one order. */
export interface ReturnRequest {
  return_id?: string | null;
  order: Order;
  items: Array<Item>;
  /** Default: "refund". */
  resolution?: Resolution;
  /** Default: "mail". */
  method?: Method;
  /** Default: "web". */
  channel?: Channel;
  exchange_for?: Array<ExchangeItem> | null;
  pickup_slot?: TimeWindow | null;
}

/** How long events are signed with the secret before, too. */
export interface Rotation {
  /** 0 ends the one before now. Default: 24. */
  overlap_hours?: number;
}

/** The policy's decision rules. */
export type RuleName = "not_delivered" | "window" | "final_sale" | "resolution" | "method" | "warranty" | "already_returned" | "amount" | "frequent_returner" | "rejected_before" | "set" | (string & {});

/** What goes out to the customer. */
export interface SentItem {
  /** What it is. */
  sku: string;
  /** How many of them. */
  quantity: number;
}

/** The customer's end; `amount` is what is owed as known now. */
export interface Settlement {
  state: SettlementState;
  resolution: Resolution;
  amount: number;
  currency: string;
  breakdown: Breakdown;
  paid?: Array<Paid>;
  hold?: Hold | null;
  asked?: Asked | null;
}

/** The customer's end. */
export type SettlementState = "pending" | "in_progress" | "settled" | "failed" | (string & {});

/**
 * One balance: what is `on_hand`, and how much of it is `reserved`; `grade` is empty until inspected.
 *
 * What can be sold is of grade A and not reserved.
 */
export interface Shelf {
  sku: string;
  location: string;
  grade: string;
  on_hand: number;
  reserved: number;
}

/** Balances by SKU, location and grade; null as `next_cursor` at the end. */
export interface Shelves {
  stock: Array<Shelf>;
  next_cursor: string | null;
}

/** What the customer paid for the way out; `refunded_total` of it has been given back, tax included. */
export interface Shipping {
  /** Default: 0. */
  price?: number;
  /** Default: 0. */
  discount?: number;
  /** Default: 0. */
  tax?: number;
  /** Default: 0. */
  refunded_total?: number;
  tax_lines?: Array<TaxLine>;
}

/** By when they were opened; by what the goods cost, the dearest first; by their last change, the earliest first. */
export type Sort = "newest" | "oldest" | "value" | "updated";

/** The checkout, or an operator, pays so much of an order with a customer's store credit. */
export interface SpendCredit {
  by: string;
  /** The customer's id; `guest:` and the mail address for one who bought without. */
  customer_id: string;
  /** The order that is paid with it, or was. */
  order_id: string;
  /** In the currency's minor unit. */
  amount: number;
  /** ISO 4217. */
  currency: string;
}

/** A customer's store credit: what can be spent, and every entry that led there, the oldest first. */
export interface Statement {
  customer_id: string;
  balance: Array<Balance>;
  entries: Array<Entry>;
}

/** The header status, derived from both tracks. */
export type Status = "requested" | "in_review" | "declined" | "label_sent" | "in_transit" | "partially_received" | "received" | "settling" | "refunded" | "credited" | "replaced" | "exchanged" | "repaired" | "rejected" | "cancelled" | "expired";

/** A subscriber, and how far behind it is. Of the settings' only the settings change anything. */
export interface Subscriber {
  subscription_id: string;
  source: "api" | "settings" | (string & {});
  /** Null for one that polls. */
  url: string | null;
  /** The types that it gets; all when empty. */
  types: Array<string>;
  /** gone: it answered 410. */
  state: "well" | "failing" | "gone" | "paused" | (string & {});
  /** Events that it has not taken yet, those that it does not want among them. */
  waiting: number;
  /** When the oldest of them was kept. */
  oldest: string | null;
  /** Returns whose next event has failed. */
  failing: number;
  /** How often the worst of them has. */
  attempts: number;
  /** Events that were passed over after 5 days. */
  given_up: number;
  /** The last failure. */
  error: string | null;
  /** When that was. */
  failed_at: string | null;
  /** The last success. */
  delivered_at: string | null;
  /** Until when the secret before is valid, too. */
  secret_before_until: string | null;
  /** Shown once: when it is made or rotated. */
  secret?: string | null;
}

/** All of them. */
export interface Subscribers {
  subscriptions: Array<Subscriber>;
}

/** What is left out stays as it is. */
export interface SubscriptionChange {
  types?: Array<"homeward.return.requested" | "homeward.return.in_review" | "homeward.return.approved_first" | "homeward.return.approved" | "homeward.return.declined" | "homeward.return.kept" | "homeward.return.label_sent" | "homeward.return.changed" | "homeward.return.resolution_changed" | "homeward.return.reminded" | "homeward.return.handed_over" | "homeward.return.delivered" | "homeward.return.delivery_failed" | "homeward.return.returned_to_sender" | "homeward.return.lost" | "homeward.return.scan_passed_over" | "homeward.return.received" | "homeward.return.inspected" | "homeward.return.came_before" | "homeward.return.wiped" | "homeward.return.sent_back" | "homeward.return.bench_done" | "homeward.return.escalated" | "homeward.return.limit_reached" | "homeward.return.cancelled" | "homeward.return.cancel_refused" | "homeward.return.expired" | "homeward.return.reopened" | "homeward.return.hold_placed" | "homeward.return.hold_released" | "homeward.return.hold_captured" | "homeward.return.hold_expired" | "homeward.return.charge_asked" | "homeward.return.charge_accepted" | "homeward.return.charge_refused" | "homeward.return.charge_unanswered" | "homeward.return.charge_withdrawn" | "homeward.return.fewer_pieces" | "homeward.return.replacement_shipped" | "homeward.return.repaired_shipped" | "homeward.return.shortfall" | "homeward.return.paid_before" | "homeward.return.refund_failed" | "homeward.return.charge_failed" | "homeward.return.attention" | "homeward.return.attention_resolved" | "homeward.return.overridden" | "homeward.return.dropped" | "homeward.return.released" | "homeward.return.refunded" | "homeward.return.credited" | "homeward.return.replaced" | "homeward.return.exchanged" | "homeward.return.repaired" | "homeward.return.rejected" | "homeward.return.closed"> | null;
  /** While it is, its events wait. */
  paused?: boolean | null;
}

/** The short answer of updates; `attention` is the step's name, `ignored` are the fields that nobody knows. */
export interface Summary {
  return_id: string;
  order_id: string;
  status: Status;
  amount: number;
  currency: string;
  resolve_by: string | null;
  escalated: boolean;
  attention: string | null;
  ignored?: Array<string>;
}

/** Money from the supplier. */
export interface SupplierCredit {
  credit_id: string;
  by: string;
  amount: number;
  currency: string;
  at: string;
}

/** Suppliers for whom something was gathered, by their ids. */
export interface SupplierList {
  suppliers: Array<SupplierSummary>;
}

/** Goods on their way to the supplier. */
export interface SupplierShipment {
  shipment_id: string;
  by: string;
  tracking_code: string | null;
  at: string;
}

/** The short answer of an update: how many units are at which stage, ever; money by currency. */
export interface SupplierSummary {
  supplier_id: string;
  units: Record<string, number>;
  credited: Record<string, number>;
  attention: string | null;
  ignored?: Array<string>;
}

/** A step that failed for good; it is tried again by itself. */
export interface SupplierTrouble {
  step: string;
  error: string;
  since: string;
}

/** One unit; `since` is when it came to its stage, `batch` the one it was asked about in. */
export interface SupplierUnit {
  unit_id: string;
  sku: string;
  serial_number?: string | null;
  /** Default: "gathered". */
  stage?: UnitStage;
  since: string;
  reminded_at?: string | null;
  batch?: number | null;
  authorisation_id?: string | null;
  shipment_id?: string | null;
  credit_id?: string | null;
  reason?: string | null;
}

/** What the query `view` gives back. Units that ended long ago are counted in `totals` alone. */
export interface SupplierView {
  supplier_id: string;
  totals: SupplierSummary;
  units: Array<SupplierUnit>;
  authorisations: Array<Authorisation>;
  shipments: Array<SupplierShipment>;
  credits: Array<SupplierCredit>;
  next: Upcoming | null;
  attention: SupplierTrouble | null;
  timeline: Array<TimelineEntry>;
}

/** A credit was given in error: `amount` of it, or what is left, is taken back. */
export interface TakeBackCredit {
  by: string;
  why: string;
  /** The customer's id; `guest:` and the mail address for one who bought without. */
  customer_id: string;
  credit_id: string;
  /** In the currency's minor unit. */
  amount: number;
}

/** One of several taxes in a sum, such as a state's and a city's; carried, not reckoned with. */
export interface TaxLine {
  title?: string;
  rate_percent?: number | string | null;
  amount: number;
}

/** One way the order was paid; `reference` is the payment provider's own name of it. */
export interface Tender {
  tender_id: string;
  kind: TenderKind;
  captured: number;
  /** Default: 0. */
  refunded?: number;
  reference?: string | null;
}

/** How a part of the order was paid. */
export type TenderKind = "card" | "gift_card" | "store_credit" | "other";

/** From `start` to `end`, such as when the carrier comes to the customer's door. */
export interface TimeWindow {
  /** Not before 2000-01-01T00:00:00Z. */
  start: string;
  /** Not before 2000-01-01T00:00:00Z. */
  end: string;
}

/** Something that happened, and who did it. */
export interface TimelineEntry {
  at: string;
  event: string;
  by: string;
  detail?: string | null;
}

/**
 * One physical piece. `refund` is null until decided; `flag` says why an operator has to look at it.
 *
 * `note` is what was noted of it at its inspection, for the customer to read.
 */
export interface Unit {
  unit_id: string;
  line_id: string;
  sku: string;
  serial_number?: string | null;
  reception: Reception;
  acceptance: Acceptance;
  grade?: Grade | null;
  disposition?: Disposition | null;
  refund?: number | null;
  wiped?: Record<string, string> | null;
  repair?: Record<string, string | number | null> | null;
  note?: string | null;
  flag?: string | null;
}

/** How far a unit is. */
export type UnitStage = "gathered" | "asked" | "authorised" | "shipped" | "credited" | "refused" | (string & {});

/** What happens next by itself. */
export interface Upcoming {
  at: string;
  what: string;
}

/** All there is to see of one return. */
export interface View {
  return_id: string;
  order_id: string;
  status: Status;
  closed: boolean;
  decision: Decision | null;
  settlement: Settlement;
  goods: Goods;
  handover: Handover;
  units: Array<Unit>;
  extras: Array<Extra>;
  deadlines: Deadlines;
  escalated: boolean;
  attention: Attention | null;
  timeline: Array<TimelineEntry>;
}

/** One return, by the step that waits longest; `resolve_by` is the promise, `amount` in minor units. */
export interface WaitingReturn {
  return_id: string;
  step: string;
  error: string;
  since: string;
  resolve_by: string | null;
  amount: number;
  currency: string;
}

/**
 * Returns by the step that waits longest; `more`: only the newest that wait were looked at.
 *
 * `findings` are what does not agree between the books, partners and Temporal, and nobody has acknowledged.
 */
export interface WaitingReturns {
  returns: Array<WaitingReturn>;
  more: boolean;
  findings: Array<KnownFinding>;
}

/**
 * The request of a return as far as it is known: what is left out is taken from the case and its order.
 *
 * `order_id` is another order than the case's, `order` one that the shop need not be asked for.
 */
export interface WantedReturn {
  order_id?: string | null;
  order?: Order | null;
  items?: Array<Item> | null;
  /** Default: "refund". */
  resolution?: Resolution;
  /** Default: "mail". */
  method?: Method;
  exchange_for?: Array<ExchangeItem> | null;
  pickup_slot?: TimeWindow | null;
}

/** A field, as a dotted path from the body's root, or a parameter, and what is wrong with it. */
export interface WrongField {
  field: string;
  /** Which kind of fault it is. */
  code: "missing" | "unknown" | "type" | "choice" | "range" | "length" | "format" | "rule" | (string & {});
  message: string;
}

/** What subscribers are told. */
export type AnyEvent = ReturnEvent;
