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
  /** Who says so. */
  by: string;
  /** Why, in a sentence for people. */
  why: string;
  /** The return's id. */
  return_id: string;
  /** Which kind it is. */
  kind: string;
  /** What it is about. */
  subject?: string | null;
  /** Default: false. */
  take_back?: boolean;
}

/** Who has looked at it, and why nobody else has to. */
export interface Acknowledged {
  /** When; ISO 8601 with its zone. */
  at: string;
  /** Who says so. */
  by: string;
  /** Why, in a sentence for people. */
  why: string;
}

/** One more message: the customer's, or an answer by somebody of the shop, whom `by` names. */
export interface AddMessage {
  /** The message's id; the same again changes nothing. */
  message_id: string;
  /** Who says so. */
  by: string;
  /** What was said. */
  text: string;
}

/** New units that came from elsewhere, such as a delivery; they lie at `main`, as grade A. */
export interface AddStock {
  /** Who says so. */
  by: string;
  /** The shop's own id of the goods. */
  sku: string;
  /** How many units. */
  quantity: number;
}

/** A postal address; `country` is ISO 3166-1 alpha-2. */
export interface Address {
  /** The person's, or the firm's, name. */
  name?: string | null;
  /** Street and number. */
  line1: string;
  /** What else leads there. */
  line2?: string | null;
  /** The town. */
  city: string;
  /** How far it is. */
  state?: string | null;
  /** As the country writes it. */
  postal_code?: string | null;
  /** ISO 3166-1 alpha-2, such as US. */
  country: string;
}

/** Said by whoever can say it. */
export interface Alive {
  /** Default: true. */
  alive?: true;
}

/** A question with its answer; `text` is Markdown, `url` its page in the portal. */
export interface Answer {
  /** The answer's id. */
  faq_id: string;
  /** What people call it. */
  title: string;
  /** What was said. */
  text: string;
  /** The address. */
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
  /** How many timeline entries were known; refused where somebody has decided since. */
  seen?: number | null;
  /** Who says so. */
  by: string;
  /** Whether the customer agrees. */
  accepted: boolean;
  /** What the customer wants where they do not pay. */
  instead?: "refund" | "store_credit" | null;
  /** The pieces that are wanted instead. */
  exchange_for?: Array<Piece> | null;
  /** Minor units of the currency. */
  amount?: number | null;
}

/**
 * An answer to all steps of a kind, that wait since `before` and whose error has `error` in it.
 *
 * `rps` of them are answered each second.
 */
export interface AnswerWaiting {
  /** Who says so. */
  by: string;
  /** Why, in a sentence for people. */
  why: string;
  /** Try the step again, take it as done elsewhere, or leave it out. */
  action: "retry" | "mark_done" | "skip";
  /** The step's kind. */
  step: string;
  /** Not before 2000-01-01T00:00:00Z. */
  before: string;
  /** What went wrong, in Homeward's words. */
  error?: string | null;
  /** Default: 5.0. */
  rps?: number;
}

/** An operator lets a reviewed return go on. */
export interface Approve {
  /** How many timeline entries were known; refused where somebody has decided since. */
  seen?: number | null;
  /** Who says so. */
  by: string;
  /** What was noted, for people to read. */
  note?: string | null;
}

/**
 * What an exchange would cost the customer, more than was agreed; they have `until` to answer.
 *
 * `refund` and `store_credit` are what they would get instead of `exchange_for`. Minor units.
 */
export interface Asked {
  /** What the exchange costs the customer, in minor units. */
  amount: number;
  /** Until when; ISO 8601 with its zone. */
  until: string;
  /** What they would get as money instead, in minor units. */
  refund: number;
  /** What they would get as store credit, in minor units. */
  store_credit: number;
  /** The pieces that are wanted instead. */
  exchange_for: Array<ExchangeItem>;
}

/** What the customer wants, as it was last changed: each item with its reason and the customer's own note. */
export interface AskedFor {
  /** Where the customer asked. */
  channel: Channel;
  /** What the customer gets. */
  resolution: Resolution;
  /** How the goods come back. */
  method: Method;
  /** What comes back: so many units of a line, for one reason. */
  items: Array<Item>;
  /** The pieces that are wanted instead. */
  exchange_for: Array<ExchangeItem> | null;
  /** When the carrier shall come: one of those that are offered. */
  pickup_slot: TimeWindow | null;
}

/** A question after the sale. An id is made for one that brings none. */
export interface AskedQuestion {
  /** Default: "web". */
  channel?: Channel;
  /** One mail address. */
  email: string;
  /** What it is about. */
  subject: string;
  /** What was said. */
  text: string;
  /** The shop's own id of the order. */
  order_id?: string | null;
  /** The return's id. */
  return_id?: string | null;
  /** Who answers it. */
  queue?: Queue | null;
  /** The case that it goes on from. */
  follows?: string | null;
  /** The case's id. */
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
  /** Whether the address is the order's own. */
  of_order?: boolean | null;
}

/** Whose it is. `confirm`: though something speaks against it. */
export interface AttachMessage {
  /** Who says so. */
  by: string;
  /** The return's id. */
  return_id: string;
  /** Default: false. */
  confirm?: boolean;
}

/** A step that failed for good and waits for an operator; `note` and `photos` are the warehouse's. */
export interface Attention {
  /** The step's kind. */
  step: string;
  /** What went wrong, in Homeward's words. */
  error: string;
  /** Since when; ISO 8601 with its zone. */
  since: string;
  /** What was noted, for people to read. */
  note?: string | null;
  /** Addresses of pictures. */
  photos?: Array<string>;
}

/** Returns that took the answer, those that refused it with why, and how many are `left` for a repeat. */
export interface AttentionAnswers {
  /** The returns that have taken the answer. */
  answered?: Array<string>;
  /** Those that have refused, each with the reason. */
  refused?: Record<string, string>;
  /** How many are left for a repeat. */
  left: number;
}

/** An attestation that a unit's personal data was wiped, and how. */
export interface AttestWipe {
  /** How many timeline entries were known; refused where somebody has decided since. */
  seen?: number | null;
  /** Who says so. */
  by: string;
  /** One piece: the line's id, a hyphen, and its number within the line, from 1. */
  unit_id: string;
  /** How it was done. */
  how: string;
}

/** The supplier's word that it takes units back. */
export interface Authorisation {
  /** The supplier's own number of the authorisation. */
  authorisation_id: string;
  /** Who says so. */
  by: string;
  /** When; ISO 8601 with its zone. */
  at: string;
}

/** The supplier takes these units back. */
export interface Authorise {
  /** The supplier's own number of the authorisation. */
  authorisation_id: string;
  /** Who says so. */
  by: string;
  /** The units, each `{return_id}/{unit_id}`. */
  unit_ids: Array<string>;
}

/** What can be spent in one currency; `expires_at` is when the first part of it ends, null when none does. */
export interface Balance {
  /** ISO 4217, such as USD. */
  currency: string;
  /** Minor units of the currency. */
  amount: number;
  /** When what is left of it ends; ISO 8601 with its zone. Null: never. */
  expires_at: string | null;
}

/** What is on the bench, the longest waiting first. */
export interface Bench {
  /** The rows. */
  repairs: Array<QueuedRepair>;
}

/**
 * The parts of an amount, in minor units. Fees and deductions are positive here.
 *
 * `capped` is what would go back besides, if there were more of the order's money left; `set_by_hand` what staff
 * added when they set the amount, below 0 where they took off; `not_paid` what failed and staff went on without.
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
  /** Default: 0. */
  set_by_hand?: number;
  /** Default: 0. */
  not_paid?: number;
}

/**
 * A partner that fails for everybody with one code: one step after the other is tried, `probed_at` the last.
 *
 * Once one has worked it is `recovering`: what waits is being hurried.
 */
export interface Breaker {
  /** The partner's or Homeward's own code of it. */
  code: string;
  /** How far it is. */
  state: "open" | "recovering" | (string & {});
  /** Since when; ISO 8601 with its zone. */
  since: string;
  /** When it was last tried whether it works again; ISO 8601 with its zone. */
  probed_at: string | null;
}

/** The customer, or staff for them, calls the return off. */
export interface Cancel {
  /** How many timeline entries were known; refused where somebody has decided since. */
  seen?: number | null;
  /** Who says so. */
  by: string;
  /** Why. */
  reason?: string | null;
}

/** The longest open first; null as `next_cursor` at the end. */
export interface CaseList {
  /** The rows. */
  cases: Array<ListedCase>;
  /** The `cursor` of what comes after; null at the end. */
  next_cursor: string | null;
}

/** One message of the conversation. */
export interface CaseMessage {
  /** The message's id; the same again changes nothing. */
  message_id: string;
  /** When; ISO 8601 with its zone. */
  at: string;
  /** Who says so. */
  by: string;
  /** What was said. */
  text: string;
}

/** Whose word is awaited: the shop's while `open`, the customer's once `answered`; else nobody's. */
export type CaseStatus = "open" | "answered" | "closed" | "became_return";

/** The short answer of an update. `answer_by` is null while no answer is awaited, or before the case is open. */
export interface CaseSummary {
  /** The case's id. */
  case_id: string;
  /** Where it stands. */
  status: CaseStatus;
  /** Who answers it. */
  queue: Queue;
  /** By when the customer has to answer; ISO 8601 with its zone. */
  answer_by: string | null;
  /** Whether it is past its target. */
  escalated: boolean;
  /** The return that was made of it. */
  became_return: string | null;
  /** The step that waits for an operator; null where none does. */
  attention: string | null;
  /** Fields of what was sent that nobody knows. */
  ignored?: Array<string>;
}

/**
 * What the query `view` gives back.
 *
 * `return_id` is the return that the question is about, `became_return` the one that came of it.
 */
export interface CaseView {
  /** The case's id. */
  case_id: string;
  /** Who answers it. */
  queue: Queue;
  /** Where it stands. */
  status: CaseStatus;
  /** Whether it has ended. */
  closed: boolean;
  /** Where the customer asked. */
  channel: Channel;
  /** What it is about. */
  subject: string;
  /** The shop's own id of the order. */
  order_id: string | null;
  /** The return's id. */
  return_id: string | null;
  /** The case that it goes on from. */
  follows: string | null;
  /** When it was opened; ISO 8601 with its zone. */
  opened_at: string;
  /** By when the customer has to answer; ISO 8601 with its zone. */
  answer_by: string | null;
  /** When it closes by itself; ISO 8601 with its zone. */
  closes_at: string | null;
  /** When the shop first answered; ISO 8601 with its zone. */
  first_answer_at: string | null;
  /** Whether it is past its target. */
  escalated: boolean;
  /** The return that was made of it. */
  became_return: string | null;
  /** Questions and their answers, the best first. */
  answers: Array<FoundAnswer>;
  /** Default: {"proved": false}. */
  address?: AskersAddress;
  /** Each message, in its order. */
  messages: Array<CaseMessage>;
  /** The step that waits for an operator; null where none does. */
  attention: Attention | null;
  /** What has happened, the oldest first. */
  timeline: Array<TimelineEntry>;
}

/** What the customer wants otherwise, before the handover; nulls stay as they are. */
export interface ChangeRequest {
  /** How many timeline entries were known; refused where somebody has decided since. */
  seen?: number | null;
  /** Who says so. */
  by: string;
  /** What comes back: so many units of a line, for one reason. */
  items?: Array<Item> | null;
  /** What the customer gets. */
  resolution?: Resolution | null;
  /** How the goods come back. */
  method?: Method | null;
  /** The pieces that are wanted instead. */
  exchange_for?: Array<ExchangeItem> | null;
  /** When the carrier shall come: one of those that are offered. */
  pickup_slot?: TimeWindow | null;
}

/** Where the customer asked; recorded, the path is the same. */
export type Channel = "web" | "email" | "phone" | "chat" | "store";

/** Nothing more is to be answered; `by` the customer, or somebody of the shop. */
export interface CloseCase {
  /** Who says so. */
  by: string;
  /** Why. */
  reason?: string | null;
}

/** Something happened to store credit (CloudEvents 1.0). */
export interface CreditEvent {
  /** The version of CloudEvents. */
  specversion: "1.0";
  /** The same whenever the event is sent; given once for each source. */
  id: string;
  /** When it happened. */
  time: string;
  /** What data is. */
  datacontenttype: "application/json";
  /** Where the JSON Schema of this type's data is. */
  dataschema: string;
  /** Where all events of store credit come from. */
  source: "/homeward/credit";
  /** What happened. New types may come: pass over what you do not know. */
  type: string;
  /** The credit's id. */
  subject: string;
  /** What happened, and what it is about. */
  data: CreditEventData;
}

/** The `data` of an event of store credit: one entry of one credit. Money in minor units of its currency. */
export interface CreditEventData {
  /** Its place among the events of its subject, counted from 1 without a gap. */
  number: number;
  /** What happened, when, and which part of the shop did it. */
  entry: PublishedEntry;
  /** The credit: what one return gave. */
  credit_id: string;
  /** Its currency, by ISO 4217. */
  currency: string;
  /** What came, or below 0 went. */
  amount: number;
  /** The part of it that was given on top. */
  bonus?: number | null;
  /** What is left of the credit after it. */
  remaining: number;
  /** From when on nothing of it can be spent. */
  expires_at?: string | null;
  /** The return that it was given for. */
  return_id?: string | null;
  /** The order that it was spent on. */
  order_id?: string | null;
}

/**
 * Who bought; the only personal data of a return.
 *
 * Without an id it is a guest, who is known by the mail address; without that, by the order alone. Nothing is mailed
 * to who has no address for it, and nothing is fetched from or sent to who has no postal one.
 */
export interface Customer {
  /** The shop's own id of the customer. */
  customer_id?: string;
  /** The person's, or the firm's, name. */
  name?: string;
  /** One mail address. */
  email?: string | null;
  /** A telephone number, as the carrier takes it. */
  phone?: string | null;
  /** Where to; null where there is none, as for goods bought in store. */
  address?: Address | null;
}

/**
 * Instants, each 23:59:59 of its day in the policy's zone; null before their start.
 *
 * `label_by` is there, to the second, only while the customer waits for a label, a code or a pickup.
 */
export interface Deadlines {
  /** By when the customer has a label, a code or a pickup; ISO 8601 with its zone. */
  label_by?: string | null;
  /** By when the goods are handed over; ISO 8601 with its zone. */
  ship_by?: string | null;
  /** When it is promised by, in business days of the policy; ISO 8601 with its zone. */
  target?: string | null;
  /** The last moment to settle, by business days of the policy; ISO 8601 with its zone. */
  limit?: string | null;
}

/** What the policy said, and why. */
export interface Decision {
  /** What was decided. */
  outcome: Outcome;
  /** The rules that stood in the way. */
  rules?: Array<FiredRule>;
}

/** An operator turns a reviewed return down. */
export interface Decline {
  /** How many timeline entries were known; refused where somebody has decided since. */
  seen?: number | null;
  /** Who says so. */
  by: string;
  /** Why. */
  reason: string;
}

/** Whether the test event was taken, and why not. */
export interface Delivered {
  /** Whether the receiver has taken it. */
  delivered: boolean;
  /** What went wrong, in Homeward's words. */
  error: string | null;
}

/** The bench looked at the unit. `estimate` is the price, tax included, of a repair out of warranty. */
export interface Diagnosis {
  /** The caller's id of this diagnosis; the same again changes nothing. */
  diagnosis_id: string;
  /** Default: "bench". */
  by?: string;
  /** What was decided. */
  outcome: DiagnosisOutcome;
  /** What the repair costs the customer, in minor units. */
  estimate?: number | null;
  /** What was noted, for people to read. */
  note?: string | null;
}

/** What the bench found. */
export type DiagnosisOutcome = "repairable" | "unrepairable" | "no_fault";

/** Nothing is to be done about it. */
export interface DismissMessage {
  /** Who says so. */
  by: string;
  /** Why, in a sentence for people. */
  why: string;
}

/** Nothing is to be done about all that waits from a partner for no return that there is. */
export interface DismissUnknown {
  /** Who says so. */
  by: string;
  /** Why, in a sentence for people. */
  why: string;
  /** Where it was set: in the settings, or by the API. */
  source: "easypost" | "stripe" | "warehouse" | "payments";
}

/** How many messages were put away. */
export interface Dismissed {
  /** What was put aside. */
  dismissed: number;
}

/** Where a graded unit goes. */
export type Disposition = "restock" | "open_box" | "refurbish" | "repair" | "return_to_supplier" | "recycle" | "donate" | "dispose" | "return_to_customer";

/** Where the parcel can be left, and the code that is shown there. */
export interface DropOff {
  /** Where the parcel can be left. */
  points?: Array<Record<string, string | null>>;
  /** The partner's or Homeward's own code of it. */
  code?: string | null;
}

/**
 * One change of one credit: `kind` is issue, bonus, spend, give_back or take_back, `amount` is signed.
 *
 * `expires_at` is when that credit ends; `by` and `why` are null for what a return gave.
 */
export interface Entry {
  /** When; ISO 8601 with its zone. */
  at: string;
  /** Which kind it is. */
  kind: string;
  /** ISO 4217, such as USD. */
  currency: string;
  /** Minor units of the currency. */
  amount: number;
  /** The entry's id in the books of store credit. */
  credit_id: string;
  /** The return's id. */
  return_id: string | null;
  /** The shop's own id of the order. */
  order_id: string | null;
  /** When what is left of it ends; ISO 8601 with its zone. Null: never. */
  expires_at: string | null;
  /** Who says so. */
  by: string | null;
  /** Why, in a sentence for people. */
  why: string | null;
}

/** The customer, or staff for them, accepts the estimate or refuses it. */
export interface EstimateAnswer {
  /** Who says so. */
  by: string;
  /** Whether the customer agrees. */
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
  /** What the order carries. */
  order?: EventOrder | null;
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

/** What the order carries for whoever reads on; what is empty is left out. */
export interface EventOrder {
  /** The customer's language. */
  locale?: string | null;
  /** The shop's words about it. */
  tags?: Array<string>;
}

/** Events, oldest first; `next_cursor` goes on behind them, now or later. `more`: there are more already. */
export interface EventPage {
  /** What happened, the oldest first. */
  events: Array<ReturnEvent | SupportEvent | RepairEvent | SupplierEvent | StockEvent | CreditEvent>;
  /** The `cursor` of what comes after; null at the end. */
  next_cursor: string;
  /** Whether there are more already. */
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
  /** The line's, as ordered. */
  category?: string | null;
  /** The line's, as ordered. */
  tags?: Array<string>;
  /** The line's picture. */
  image_url?: string | null;
  /** The taxes of the whole line, as ordered. */
  tax_lines?: Array<TaxLine>;
}

/** What an exchange wants instead; `tax_total` is for the whole quantity. */
export interface ExchangeItem {
  /** The shop's own id of the goods. */
  sku: string;
  /** How many units. */
  quantity: number;
  /** The price of one, in minor units. */
  unit_price: number;
  /** Default: 0. */
  tax_total?: number;
}

/** Something that came and was not expected; taken, and unpaid. Of no line, it has its `sku`. */
export interface Extra {
  /** The order's own id of the line. */
  line_id: string | null;
  /** The shop's own id of the goods. */
  sku?: string | null;
  /** How many units. */
  quantity: number;
  /** The piece's own number. */
  serial_number?: string | null;
  /** The caller's id of this receipt; the same again changes nothing. */
  receipt_id: string;
}

/** Those that fit, the best first. */
export interface FaqAnswers {
  /** Questions and their answers, the best first. */
  answers: Array<Answer>;
}

/** What the customer paid for besides goods and shipping. */
export type FeeKind = "gift_wrap" | "duties" | "tip" | "payment" | "other";

/** What was found first stands first; `more`: there are more than these. */
export interface Findings {
  /** What does not agree between the books of both sides. */
  findings: Array<KnownFinding>;
  /** Whether there are more already. */
  more: boolean;
}

/** A rule that stood in the way; `unit_id` is null when it concerns the whole return. */
export interface FiredRule {
  /** Which rule it was. */
  rule: RuleName;
  /** One piece: the line's id, a hyphen, and its number within the line, from 1. */
  unit_id?: string | null;
  /** Why, in a sentence for people. */
  detail: string;
}

/** An answer of the FAQ that was offered to the customer. */
export interface FoundAnswer {
  /** The answer's id. */
  faq_id: string;
  /** What people call it. */
  title: string;
}

/** An order that was paid with store credit came to nothing. */
export interface GiveBackCredit {
  /** Who says so. */
  by: string;
  /** The customer's id; `guest:` and the mail address for one who bought without. */
  customer_id: string;
  /** The order that is paid with it, or was. */
  order_id: string;
}

/** The item's end. */
export interface Goods {
  /** How far it is. */
  state: GoodsState;
}

/** The item's end. */
export type GoodsState = "awaiting" | "in_transit" | "delivered" | "partially_received" | "received" | "lost" | "kept" | (string & {});

/** Condition at inspection: A as new, B opened, C used or damaged, D unusable. */
export type Grade = "A" | "B" | "C" | "D";

/** How the goods come back, and since when. */
export interface Handover {
  /** How the goods come back. */
  method: Method;
  /** The carrier's own number of the parcel. */
  tracking_code?: string | null;
  /** Where the label is; an address of this API, for keys with `read`. */
  label_url?: string | null;
  /** When; ISO 8601 with its zone. */
  at?: string | null;
  /** When the carrier can come; null for other methods. */
  pickup?: Pickup | null;
  /** Where it can be left; null for other methods. */
  drop_off?: DropOff | null;
}

/** Whether Temporal and the database are as they should be; `failing` says what is not, by name, and how. */
export interface Health {
  /** Whether Temporal answers. */
  temporal: boolean;
  /** Whether the database answers. */
  database: boolean;
  /** What is in the way, by its name, and how. */
  failing: Record<string, string>;
}

/**
 * At most `rps` steps begin each second: 0 is a pause, None no limit. `reason` is why and by whom.
 *
 * Where it changes by itself, it is `then_rps` from `until` on.
 */
export interface HeldLimit {
  /** Steps a second; 0 pauses, null lifts the limit. */
  rps: number | null;
  /** Why. */
  reason: string | null;
  /** When; ISO 8601 with its zone. */
  at: string | null;
  /** Until when; ISO 8601 with its zone. */
  until: string | null;
  /** Steps a second afterwards. */
  then_rps: number | null;
}

/** A card hold behind an advance replacement. */
export interface Hold {
  /** What the card holds, in minor units. */
  amount: number;
  /** How far it is. */
  state: "held" | "released" | "captured" | "expired" | (string & {});
  /** What the payment provider calls it. */
  reference?: string | null;
  /** When what is left of it ends; ISO 8601 with its zone. Null: never. */
  expires_at?: string | null;
}

/** Waiting steps of a partner are tried now, so many a second; `code` names one way of failing. */
export interface HurrySteps {
  /** The partner's or Homeward's own code of it. */
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
  /** Homeward's own number of it. */
  id: number;
  /** When; ISO 8601 with its zone. */
  at: string;
  /** Where it was set: in the settings, or by the API. */
  source: string;
  /** The partner's own id of the event. */
  event_id: string;
  /** Which kind it is. */
  kind: "tracking" | "payment" | "receipt" | "inspection" | (string & {});
  /** The return's id. */
  return_id: string | null;
  /** The carrier's own number of the parcel. */
  tracking_code: string | null;
  /** What was expected, in a sentence for people. */
  message: Record<string, unknown>;
  /** How far it is. */
  state: "queued" | "waiting" | "passed" | "dismissed" | (string & {});
  /** Why, in a sentence for people. */
  why: string | null;
  /** How often it was tried. */
  attempts: number;
  /** When it is tried again; ISO 8601 with its zone. */
  next_attempt_at: string | null;
}

/** The newest first; null as `next_cursor` at the end. */
export interface InboxPage {
  /** Each message, in its order. */
  messages: Array<InboxMessage>;
  /** The `cursor` of what comes after; null at the end. */
  next_cursor: string | null;
}

/** One unit's verdict. A rejected unit needs no grade; the customer reads the `note`. */
export interface InspectedUnit {
  /** One piece: the line's id, a hyphen, and its number within the line, from 1. */
  unit_id: string;
  /** Default: true. */
  accepted?: boolean;
  /** Its condition: A as new, down to D. */
  grade?: Grade | null;
  /** Where it goes from the warehouse. */
  disposition?: Disposition | null;
  /** What was noted, for people to read. */
  note?: string | null;
}

/** The warehouse looked at units; it may come in parts. */
export interface Inspection {
  /** The caller's id of this inspection; the same again changes nothing. */
  inspection_id: string;
  /** Default: "warehouse". */
  by?: string;
  /** The pieces that it is about. */
  units: Array<InspectedUnit>;
}

/** What comes back: so many units of one line, for one reason. */
export interface Item {
  /** The order's own id of the line. */
  line_id: string;
  /** How many units. */
  quantity: number;
  /** Why. */
  reason: Reason;
  /** What was noted, for people to read. */
  note?: string | null;
}

/**
 * One thing that does not agree, what to do about it, and since when it is known.
 *
 * `subject` tells it from others of its kind and return, such as by a provider's reference.
 */
export interface KnownFinding {
  /** Which kind it is. */
  kind: string;
  /** The return's id. */
  return_id: string;
  /** What it is about. */
  subject: string;
  /** What was said. */
  text: string;
  /** What to do about it. */
  advice: string;
  /** Since when; ISO 8601 with its zone. */
  since: string;
  /** Who has put it aside, and why; null while somebody has to look at it. */
  acknowledged: Acknowledged | null;
}

/** Who changed how a partner's failed steps are tried again. */
export interface LastChange {
  /** When; ISO 8601 with its zone. */
  at: string;
  /** Who says so. */
  by: string;
  /** Why, in a sentence for people. */
  why: string;
}

/** Settled after its target: `past_limit`, after the limit too. `business_days` is how many it took. */
export interface LateReturn {
  /** The return's id. */
  return_id: string;
  /** Business days of the policy from the handover to the settlement. */
  business_days: number | null;
  /** When it is promised by, in business days of the policy; ISO 8601 with its zone. */
  target: string;
  /** The last moment to settle, by business days of the policy; ISO 8601 with its zone. */
  limit: string;
  /** When it was settled; ISO 8601 with its zone. */
  settled: string;
  /** Whether it was settled after its limit. */
  past_limit: boolean;
}

/**
 * From now on, at most `rps` steps of a partner begin each second: 0 is a pause, null no limit.
 *
 * With `for_seconds` it holds for so long, then what held before it. One that `ramps` is doubled every ten
 * seconds, until what held before it is reached, or a hundred a second, where it is lifted.
 */
export interface LimitChange {
  /** Who says so. */
  by: string;
  /** Why, in a sentence for people. */
  why: string;
  /** Steps a second; 0 pauses, null lifts the limit. */
  rps: number | null;
  /** How long it holds, in seconds; for good where it is left out. */
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
  /** The order's own id of the line. */
  line_id: string;
  /** The shop's own id of the goods. */
  sku: string;
  /** What people call it. */
  title?: string;
  /** How many units. */
  quantity: number;
  /** Default: 0. */
  returned_quantity?: number;
  /** How many of them have left the shop; all where it is left out. */
  shipped_quantity?: number | null;
  /** When it reached the customer; ISO 8601 with its zone. Null: not yet, so it cannot come back. */
  delivered_at?: string | null;
  /** The price of one, in minor units. */
  unit_price: number;
  /** Default: 0. */
  discount_total?: number;
  /** Default: 0. */
  tax_total?: number;
  /** Default: 0. */
  refunded_total?: number;
  /** The pieces' own numbers, where the shop keeps them. */
  serial_numbers?: Array<string>;
  /** Default: false. */
  final_sale?: boolean;
  /** Default: false. */
  holds_personal_data?: boolean;
  /** The last day of the warranty, as YYYY-MM-DD. */
  warranty_until?: string | null;
  /** Who supplied it, for what goes back to them. */
  supplier_id?: string | null;
  /** The line of the bundle that it is part of; both come back, or neither. */
  part_of?: string | null;
  /** The shop's own name of the kind of goods; the policy may go by it. */
  category?: string | null;
  /** The shop's own marks; the policy may go by them. */
  tags?: Array<string>;
  /** A picture of it, by http or https. */
  image_url?: string | null;
  /** Which taxes its tax is made of. */
  tax_lines?: Array<TaxLine>;
}

/**
 * One row of a list, a moment behind the return itself.
 *
 * What stands in our records alone is null for a return that is just being opened.
 */
export interface Listed {
  /** The return's id. */
  return_id: string;
  /** The shop's own id of the order. */
  order_id: string;
  /** Where it stands. */
  status: Status;
  /** The next promise to the customer; null before the goods are on their way. */
  resolve_by: string | null;
  /** Past its target. */
  escalated: boolean;
  /** The step that waits for an operator. */
  attention: string | null;
  /** What the customer gets. */
  resolution?: Resolution | null;
  /** How the goods come back. */
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
  /** The case's id. */
  case_id: string;
  /** Who answers it. */
  queue: Queue;
  /** Where it stands. */
  status: CaseStatus;
  /** Whether it is past its target. */
  escalated: boolean;
  /** Where the customer asked. */
  channel: Channel;
  /** What it is about. */
  subject: string;
  /** The shop's own id of the order. */
  order_id: string | null;
  /** The return's id. */
  return_id: string | null;
  /** The return that was made of it. */
  became_return: string | null;
  /** When it was opened; ISO 8601 with its zone. */
  opened_at: string;
  /** By when the customer has to answer; ISO 8601 with its zone. */
  answer_by: string | null;
  /** The step that waits for an operator; null where none does. */
  attention: string | null;
}

/** The case becomes a return; `anyway`: even if the order is not of the address that asked. */
export interface MakeReturn {
  /** Who says so. */
  by: string;
  /** The return that shall be made. */
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
  /** Kinds of fees that are given back. */
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
  /** How many waiting steps were moved. */
  moved: number;
  /** How many are left for a repeat. */
  left: number;
}

/** An order that the shop knows, by its id. */
export interface NamedOrder {
  /** The shop's own id of the order. */
  order_id: string;
}

/** A quote of an order that the shop knows. */
export interface NamedQuote {
  /** The return's id. */
  return_id?: string | null;
  /** What was bought, from whom, and how it was paid. */
  order: NamedOrder;
  /** What comes back: so many units of a line, for one reason. */
  items: Array<QuotedItem>;
  /** Default: "refund". */
  resolution?: Resolution;
  /** Default: "mail". */
  method?: Method;
  /** Default: "web". */
  channel?: Channel;
  /** The pieces that are wanted instead. */
  exchange_for?: Array<ExchangeItem> | null;
  /** When the carrier shall come: one of those that are offered. */
  pickup_slot?: TimeWindow | null;
  /** Money rules of the policy to try instead of the shop's. */
  policy?: MoneyRules | null;
}

/** A return of an order that the shop knows. */
export interface NamedRequest {
  /** The return's id. */
  return_id?: string | null;
  /** What was bought, from whom, and how it was paid. */
  order: NamedOrder;
  /** What comes back: so many units of a line, for one reason. */
  items: Array<Item>;
  /** Default: "refund". */
  resolution?: Resolution;
  /** Default: "mail". */
  method?: Method;
  /** Default: "web". */
  channel?: Channel;
  /** The pieces that are wanted instead. */
  exchange_for?: Array<ExchangeItem> | null;
  /** When the carrier shall come: one of those that are offered. */
  pickup_slot?: TimeWindow | null;
}

/** Where events go. Without `url` nothing is sent: events are kept for `GET /v1/events`. */
export interface NewSubscription {
  /** https, or http on this machine. */
  url?: string | null;
  /** The types that it gets; all when empty. */
  types?: Array<"homeward.return.requested" | "homeward.return.in_review" | "homeward.return.approved_first" | "homeward.return.approved" | "homeward.return.declined" | "homeward.return.kept" | "homeward.return.label_sent" | "homeward.return.changed" | "homeward.return.resolution_changed" | "homeward.return.reminded" | "homeward.return.handed_over" | "homeward.return.delivered" | "homeward.return.delivery_failed" | "homeward.return.returned_to_sender" | "homeward.return.lost" | "homeward.return.scan_passed_over" | "homeward.return.received" | "homeward.return.inspected" | "homeward.return.came_before" | "homeward.return.wiped" | "homeward.return.sent_back" | "homeward.return.bench_done" | "homeward.return.escalated" | "homeward.return.limit_reached" | "homeward.return.cancelled" | "homeward.return.cancel_refused" | "homeward.return.expired" | "homeward.return.reopened" | "homeward.return.hold_placed" | "homeward.return.hold_released" | "homeward.return.hold_captured" | "homeward.return.hold_expired" | "homeward.return.charge_asked" | "homeward.return.charge_accepted" | "homeward.return.charge_refused" | "homeward.return.charge_unanswered" | "homeward.return.charge_withdrawn" | "homeward.return.fewer_pieces" | "homeward.return.replacement_shipped" | "homeward.return.repaired_shipped" | "homeward.return.shortfall" | "homeward.return.paid_before" | "homeward.return.refund_failed" | "homeward.return.charge_failed" | "homeward.return.attention" | "homeward.return.attention_resolved" | "homeward.return.overridden" | "homeward.return.dropped" | "homeward.return.released" | "homeward.return.refunded" | "homeward.return.credited" | "homeward.return.replaced" | "homeward.return.exchanged" | "homeward.return.repaired" | "homeward.return.rejected" | "homeward.return.closed" | "homeward.support.opened" | "homeward.support.asked" | "homeward.support.answered" | "homeward.support.address_proved" | "homeward.support.escalated" | "homeward.support.return_wanted" | "homeward.support.return_refused" | "homeward.support.became_return" | "homeward.support.closed" | "homeward.support.close_refused" | "homeward.support.attention" | "homeward.support.attention_resolved" | "homeward.support.dropped" | "homeward.repair.diagnosing" | "homeward.repair.diagnosed" | "homeward.repair.awaiting_customer" | "homeward.repair.estimate_accepted" | "homeward.repair.estimate_refused" | "homeward.repair.estimate_unanswered" | "homeward.repair.repairing" | "homeward.repair.repaired" | "homeward.repair.checking" | "homeward.repair.check_passed" | "homeward.repair.check_failed" | "homeward.repair.reminded" | "homeward.repair.done" | "homeward.repair.unrepairable" | "homeward.repair.refused" | "homeward.repair.called_off" | "homeward.repair.attention" | "homeward.repair.attention_resolved" | "homeward.repair.dropped" | "homeward.supplier.added" | "homeward.supplier.asked" | "homeward.supplier.reminded" | "homeward.supplier.authorised" | "homeward.supplier.shipped" | "homeward.supplier.credited" | "homeward.supplier.refused" | "homeward.supplier.attention" | "homeward.supplier.attention_resolved" | "homeward.supplier.ending" | "homeward.supplier.dropped" | "homeward.stock.received" | "homeward.stock.restocked" | "homeward.stock.moved" | "homeward.stock.reserved" | "homeward.stock.released" | "homeward.stock.shipped" | "homeward.stock.used" | "homeward.stock.added" | "homeward.credit.issued" | "homeward.credit.spent" | "homeward.credit.given_back" | "homeward.credit.taken_back">;
}

/** The order as the shop knows it; its prices, discounts and taxes are facts. */
export interface Order {
  /** The shop's own id of the order. */
  order_id: string;
  /** When it was ordered; ISO 8601 with its zone. */
  placed_at?: string | null;
  /** When it reached the customer; ISO 8601 with its zone. Null: not yet, so it cannot come back. */
  delivered_at?: string | null;
  /** ISO 4217, such as USD. */
  currency: string;
  /** Default: false. */
  prices_include_tax?: boolean;
  /** Who bought. */
  customer: Customer;
  /** What was bought; each line has one SKU and one price. */
  lines: Array<Line>;
  /** Default: {"price": 0, "discount": 0, "tax": 0}. */
  shipping?: Shipping;
  /** What was paid besides goods and shipping: gift wrap, duties, tips. */
  fees?: Array<OrderFee>;
  /** Default: 0. */
  cash_rounding?: number;
  /** Default: "paid". */
  payment_state?: PaymentState;
  /** How it was paid. */
  tenders?: Array<Tender>;
  /** The customer's language, such as en or de-AT. */
  locale?: string | null;
  /** The shop's own marks; the policy may go by them. */
  tags?: Array<string>;
}

/** A fee of the order as a whole; `tax` is besides the `amount`, or in it, as with prices. */
export interface OrderFee {
  /** Default: "other". */
  kind?: FeeKind;
  /** What people call it. */
  title?: string;
  /** Minor units of the currency. */
  amount: number;
  /** Default: 0. */
  tax?: number;
}

/** What the policy said. */
export type Outcome = "allowed" | "partial" | "review" | "declined" | (string & {});

/** An operator changes a fact of the return, or of one unit, and says why. */
export interface Override {
  /** How many timeline entries were known; refused where somebody has decided since. */
  seen?: number | null;
  /** Who says so. */
  by: string;
  /** Why, in a sentence for people. */
  why: string;
  /** One piece: the line's id, a hyphen, and its number within the line, from 1. */
  unit_id?: string | null;
  /** Which fact is changed. */
  field: string;
  /** What it shall be, as its field takes it. */
  value?: unknown;
}

/** Some returns, and the `cursor` of what comes after; null at the end. */
export interface Page {
  /** The returns of this page. */
  returns: Array<Listed>;
  /** The `cursor` of what comes after; null at the end. */
  next_cursor: string | null;
}

/**
 * One payment to one tender, in minor units.
 *
 * `by_hand`: staff say that they made it by other means. `given_up`: it failed, and staff went on without it.
 */
export interface Paid {
  /** The order's own id of the payment. */
  tender_id: string;
  /** Minor units of the currency. */
  amount: number;
  /** How far it is. */
  state: "pending" | "succeeded" | "failed" | (string & {});
  /** What the payment provider calls it. */
  reference?: string | null;
  /** Default: false. */
  by_hand?: boolean;
  /** Default: false. */
  given_up?: boolean;
}

/** How much of the order one payment took, and what it got back by this return. */
export interface PaidTender {
  /** The order's own id of the payment. */
  tender_id: string;
  /** Which kind it is. */
  kind: TenderKind;
  /** What was taken by it, in minor units. */
  captured: number;
  /** What the payment provider calls it. */
  reference: string | null;
  /** What this return has given back to it, in minor units. */
  given_back: number;
  /** What is on its way to it, in minor units. */
  pending: number;
}

/** One parcel of the return, or one that was sent to the customer. */
export interface Parcel {
  /** Where it goes. */
  direction: "to_shop" | "to_customer" | (string & {});
  /** The carrier's own number of the parcel. */
  tracking_code: string;
  /** The route's name, where the shop has several carriers. */
  carrier: string | null;
  /** Where the label is; an address of this API, for keys with `read`. */
  label_url: string | null;
  /** When; ISO 8601 with its zone. */
  at: string;
  /** Whether its label is good no more. */
  voided: boolean;
}

/** So many of one spare part. */
export interface Part {
  /** The shop's own id of the goods. */
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
  /** Which partner it is. */
  partner: string;
  /** Seconds before the first repeat of a failed step. */
  initial_seconds: number;
  /** Seconds between repeats at most. */
  maximum_seconds: number;
  /** After how many seconds of failing a step waits for an operator. */
  give_up_after_seconds: number;
  /** How long a partner may ask to be left alone, in seconds. */
  retry_after_maximum_seconds: number;
  /** Steps a second that are tried once the partner works again. */
  recovery_rps: number;
  /** The last moment to settle, by business days of the policy; ISO 8601 with its zone. */
  limit: HeldLimit | null;
  /** Who changed it last, and why. */
  changed: LastChange | null;
  /** How many steps wait. */
  waiting: number;
  /** Since when; ISO 8601 with its zone. */
  since: string | null;
  /** When the next of them is tried; ISO 8601 with its zone. */
  next_at: string | null;
  /** How many steps wait with each code. */
  codes: Record<string, number>;
  /** Codes by which the partner fails for everybody: its steps wait until one gets through. */
  breakers: Array<Breaker>;
}

/** Every partner. */
export interface Partners {
  /** Each partner, and how it is treated. */
  partners: Array<Partner>;
}

/** Whether an order is paid, and whether money can go back the way it came. */
export type PaymentState = "paid" | "unpaid" | "cash_on_delivery" | "net_terms";

/** When the carrier can come, and when it will. */
export interface Pickup {
  /** When the carrier can come. */
  slots?: Array<TimeWindow>;
  /** When the carrier comes; null until a time is chosen. */
  booked?: TimeWindow | null;
}

/** So many of one thing that an exchange brings. */
export interface Piece {
  /** The shop's own id of the goods. */
  sku: string;
  /** Default: 1. */
  quantity?: number;
}

/** What opens the pages, once and without a button, until `ends_at`. */
export interface PortalLink {
  /** The address. */
  url: string;
  /** Until when it is good; ISO 8601 with its zone. */
  ends_at: string;
}

/**
 * Which order's pages to open, for the customer who is signed in at the shop.
 *
 * `go`: `return` is the order with what can come back, `status` its latest return, `label` that return's label.
 * `items` are lines that are ticked beforehand; `return_to` is where the portal leads back to.
 */
export interface PortalLinkRequest {
  /** The shop's own id of the order. */
  order_id: string;
  /** Who bought. */
  customer: string;
  /** Default: "return". */
  go?: "return" | "status" | "label";
  /** What comes back: so many units of a line, for one reason. */
  items?: Array<string>;
  /** Where the shop's customer goes back to. */
  return_to?: string | null;
}

/** Why a call failed (RFC 9457); `type` leads to its explanation. */
export interface Problem {
  /** Which kind of problem it is: the address of its explanation. */
  type: "/docs#malformed" | "/docs#unknown-version" | "/docs#no-key" | "/docs#not-signed" | "/docs#wrong-scope" | "/docs#not-found" | "/docs#no-secret" | "/docs#wrong-method" | "/docs#not-allowed" | "/docs#insufficient-credit" | "/docs#unlikely" | "/docs#closed" | "/docs#forgotten" | "/docs#orphaned" | "/docs#other-request" | "/docs#other-content" | "/docs#too-slow" | "/docs#too-large" | "/docs#wrong-type" | "/docs#invalid" | "/docs#key-reused" | "/docs#too-many-calls" | "/docs#head-too-large" | "/docs#failed" | "/docs#out-of-reach" | "/docs#no-answer" | "/docs#not-set-up" | "/docs#full" | "/docs#unavailable" | (string & {});
  /** The problem's name, for people. */
  title: string;
  /** The HTTP status. */
  status: number;
  /** Why, in a sentence for people. */
  detail: string;
  /** Each field that is wrong; with invalid content alone. */
  errors?: Array<WrongField> | null;
  /** Of a start that was not answered: repeating it with this id finds the return. */
  return_id?: string | null;
}

/**
 * Settled returns of that time, and how long they took, in business days.
 *
 * `share_within_target` and `share_within_limit` are of all of them, from 0 to 1; the second counts those of the
 * first too. `late` are those after the target, the latest last; `more`: there are more than these.
 */
export interface PromiseReport {
  /** Returns that closed then or later; ISO 8601 with its zone. */
  closed_from: string;
  /** Returns that closed before then; ISO 8601 with its zone. */
  closed_before: string;
  /** How many were settled. */
  settled: number;
  /** How many were settled within the target. */
  within_target: number;
  /** How many were settled within the limit. */
  within_limit: number;
  /** How many were settled after the limit. */
  later: number;
  /** The part of them that was settled within the target, from 0 to 1. */
  share_within_target: number | null;
  /** The part of them that was settled within the limit, from 0 to 1. */
  share_within_limit: number | null;
  /** Business days that half of them took at most. */
  median: number | null;
  /** Business days that 95 of 100 took at most. */
  percentile_95: number | null;
  /** Those that were settled later than promised. */
  late: Array<LateReturn>;
  /** Whether there are more already. */
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
  /** The return's id. */
  return_id: string;
  /** Where the customer sees how it stands, without signing in. */
  status_url: string | null;
  /** Where the label is; an address of this API, for keys with `read`. */
  label_url: string | null;
  /** Until when it is good; ISO 8601 with its zone. */
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
  /** The return's id. */
  return_id: string;
  /** One piece: the line's id, a hyphen, and its number within the line, from 1. */
  unit_id: string;
  /** The shop's own id of the goods. */
  sku: string;
  /** Where in the warehouse. */
  location: string;
  /** How far it is. */
  state: RepairState;
  /** Since when; ISO 8601 with its zone. */
  since: string;
  /** The step that waits for an operator; null where none does. */
  attention: string | null;
}

/** The settlement that a request would give, in minor units. */
export interface Quote {
  /** Minor units of the currency. */
  amount: number;
  /** ISO 4217, such as USD. */
  currency: string;
  /** What the amount is made of, each in minor units. */
  breakdown: Breakdown;
  /** What each tender got, in minor units. */
  paid: Array<QuotedPayment>;
  /** What the policy said, and why; null before it has decided. */
  decision: Decision;
}

/** A request, as a quote takes it; `policy` holds overrides of the policy's money rules. */
export interface QuoteRequest {
  /** The return's id. */
  return_id?: string | null;
  /** What was bought, from whom, and how it was paid. */
  order: Order;
  /** What comes back: so many units of a line, for one reason. */
  items: Array<QuotedItem>;
  /** Default: "refund". */
  resolution?: Resolution;
  /** Default: "mail". */
  method?: Method;
  /** Default: "web". */
  channel?: Channel;
  /** The pieces that are wanted instead. */
  exchange_for?: Array<ExchangeItem> | null;
  /** When the carrier shall come: one of those that are offered. */
  pickup_slot?: TimeWindow | null;
  /** Money rules of the policy to try instead of the shop's. */
  policy?: MoneyRules | null;
}

/** What would come back, and in which condition; none counts as A. */
export interface QuotedItem {
  /** The order's own id of the line. */
  line_id: string;
  /** How many units. */
  quantity: number;
  /** Why. */
  reason: Reason;
  /** What was noted, for people to read. */
  note?: string | null;
  /** Its condition: A as new, down to D. */
  grade?: Grade | null;
}

/** What one tender would get, in minor units. */
export interface QuotedPayment {
  /** The order's own id of the payment. */
  tender_id: string;
  /** Minor units of the currency. */
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
  /** The caller's id of this receipt; the same again changes nothing. */
  receipt_id: string;
  /** Default: "warehouse". */
  by?: string;
  /** Default: "main". */
  location?: string;
  /** Default: false. */
  complete?: boolean;
  /** The pieces that it is about. */
  units?: Array<ReceiptUnits>;
  /** What was noted, for people to read. */
  note?: string | null;
  /** Addresses of pictures. */
  photos?: Array<string>;
}

/**
 * So many units of a line in one parcel; a serial number names one unit.
 *
 * What belongs to no line of the order has a null `line_id` and its `sku`: an extra.
 */
export interface ReceiptUnits {
  /** The order's own id of the line. */
  line_id?: string | null;
  /** The shop's own id of the goods. */
  sku?: string | null;
  /** Default: 1. */
  quantity?: number;
  /** The piece's own number. */
  serial_number?: string | null;
}

/** Where the case stands, and the FAQ's best answers to the question. */
export interface Received {
  /** The case's id. */
  case_id: string;
  /** Where it stands. */
  status: CaseStatus;
  /** Who answers it. */
  queue: Queue;
  /** By when the customer has to answer; ISO 8601 with its zone. */
  answer_by: string | null;
  /** Whether it is past its target. */
  escalated: boolean;
  /** The return that was made of it. */
  became_return: string | null;
  /** The step that waits for an operator; null where none does. */
  attention: string | null;
  /** Fields of what was sent that nobody knows. */
  ignored?: Array<string>;
  /** Questions and their answers, the best first. */
  answers: Array<Answer>;
}

/** Where one unit is, as far as the shop knows. */
export type Reception = "awaiting" | "in_transit" | "received" | "lost" | "wrong_item" | "missing" | "not_expected" | (string & {});

/** The supplier gives money back for these units; `amount` in minor units. */
export interface RecordCredit {
  /** The entry's id in the books of store credit. */
  credit_id: string;
  /** Who says so. */
  by: string;
  /** Minor units of the currency. */
  amount: number;
  /** ISO 4217, such as USD. */
  currency: string;
  /** The units, each `{return_id}/{unit_id}`. */
  unit_ids: Array<string>;
}

/** Everything authorised and not shipped yet went out in one shipment. */
export interface RecordShipment {
  /** The shop's own id of the shipment. */
  shipment_id: string;
  /** Who says so. */
  by: string;
  /** The carrier's own number of the parcel. */
  tracking_code?: string | null;
}

/** The supplier does not take these units back, or does not pay for them. */
export interface Refuse {
  /** Who says so. */
  by: string;
  /** The units, each `{return_id}/{unit_id}`. */
  unit_ids: Array<string>;
  /** Why. */
  reason: string;
}

/** An operator ends a return that no workflow carries. */
export interface Release {
  /** Who says so. */
  by: string;
  /** Why, in a sentence for people. */
  why: string;
}

/** Let go of what was set aside for a return that has ended; `key` is the reservation's. */
export interface ReleaseReservation {
  /** Who says so. */
  by: string;
  /** Which one it is. */
  key: string;
}

/** The bench tested whether it works. */
export interface RepairCheck {
  /** The caller's id of this check; the same again changes nothing. */
  check_id: string;
  /** Default: "bench". */
  by?: string;
  /** Whether it works. */
  passed: boolean;
  /** What was noted, for people to read. */
  note?: string | null;
}

/** Something happened to a unit on the repair bench (CloudEvents 1.0). */
export interface RepairEvent {
  /** The version of CloudEvents. */
  specversion: "1.0";
  /** The same whenever the event is sent; given once for each source. */
  id: string;
  /** When it happened. */
  time: string;
  /** What data is. */
  datacontenttype: "application/json";
  /** Where the JSON Schema of this type's data is. */
  dataschema: string;
  /** Where all events of repairs come from. */
  source: "/homeward/repairs";
  /** What happened. New types may come: pass over what you do not know. */
  type: string;
  /** The return's id, a slash, and the unit's. */
  subject: string;
  /** What happened, and what it is about. */
  data: RepairEventData;
}

/** The `data` of an event of a repair; never what the bench wrote. */
export interface RepairEventData {
  /** Its place among the events of its subject, counted from 1 without a gap. */
  number: number;
  /** What happened, when, and which part of the shop did it. */
  entry: PublishedEntry;
  /** How the repair stood when the event was passed on. */
  summary: RepairSummary;
  /** What is repaired. */
  sku: string;
}

/** How a repair ended, for the return to act on. */
export type RepairOutcome = "repaired" | "no_fault" | "refused" | "silent" | "unrepairable" | (string & {});

/** Where a repair stands; the last three are ends. Silence ends as `refused`, a sound unit as `done`. */
export type RepairState = "diagnosing" | "awaiting_customer" | "repairing" | "checking" | "done" | "refused" | "unrepairable";

/** The short answer to every update; `attention` is the waiting step's name or None. */
export interface RepairSummary {
  /** The return's id. */
  return_id: string;
  /** One piece: the line's id, a hyphen, and its number within the line, from 1. */
  unit_id: string;
  /** How far it is. */
  state: RepairState;
  /** What was decided. */
  outcome: RepairOutcome | null;
  /** What the repair costs the customer, in minor units. */
  estimate: number | null;
  /** ISO 4217, such as USD. */
  currency: string;
  /** By when the customer has to answer; ISO 8601 with its zone. */
  answer_by: string | null;
  /** The step that waits for an operator; null where none does. */
  attention: string | null;
  /** Fields of what was sent that nobody knows. */
  ignored?: Array<string>;
}

/** All there is to see of a repair. `rounds` of work were begun; `closed`: nothing is left to do. */
export interface RepairView {
  /** The return's id. */
  return_id: string;
  /** The shop's own id of the order. */
  order_id: string;
  /** One piece: the line's id, a hyphen, and its number within the line, from 1. */
  unit_id: string;
  /** How far it is. */
  state: RepairState;
  /** What was decided. */
  outcome: RepairOutcome | null;
  /** What the repair costs the customer, in minor units. */
  estimate: number | null;
  /** ISO 4217, such as USD. */
  currency: string;
  /** By when the customer has to answer; ISO 8601 with its zone. */
  answer_by: string | null;
  /** The shop's own id of the goods. */
  sku: string;
  /** What people call it. */
  title: string;
  /** The piece's own number. */
  serial_number: string | null;
  /** Where in the warehouse. */
  location: string;
  /** Whether the warranty pays for it. */
  in_warranty: boolean;
  /** How often it was repaired and checked. */
  rounds: number;
  /** What the repair took from stock. */
  parts: Array<Part>;
  /** Whether it has ended. */
  closed: boolean;
  /** The step that waits for an operator; null where none does. */
  attention: Attention | null;
  /** What has happened, the oldest first. */
  timeline: Array<TimelineEntry>;
}

/** The bench repaired the unit, with these parts from stock. */
export interface RepairWork {
  /** The caller's id of this work; the same again changes nothing. */
  repair_id: string;
  /** Default: "bench". */
  by?: string;
  /** What the repair took from stock. */
  parts?: Array<Part>;
  /** What was noted, for people to read. */
  note?: string | null;
}

/** From when on events are sent again. */
export interface Replay {
  /** What happened, or was kept, since then; not in the future. Not before 2000-01-01T00:00:00Z. */
  since: string;
}

/** How many events are sent again. */
export interface Replayed {
  /** What happened, the oldest first. */
  events: number;
}

/** What the customer wants instead. */
export type Resolution = "refund" | "store_credit" | "replacement" | "exchange" | "repair";

/** What to do with a step that failed for good: the oldest one, or the one named by `step`. */
export interface ResolveAttention {
  /** How many timeline entries were known; refused where somebody has decided since. */
  seen?: number | null;
  /** Who says so. */
  by: string;
  /** Try the step again, take it as done elsewhere, or leave it out. */
  action: "retry" | "mark_done" | "skip";
  /** What the payment provider calls it. */
  reference?: string | null;
  /** The step's kind. */
  step?: string | null;
  /** Why, in a sentence for people. */
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
  /** Who says so. */
  by: string;
  /** Why, in a sentence for people. */
  why: string;
  /** Seconds before the first repeat of a failed step. */
  initial_seconds?: number | null;
  /** Seconds between repeats at most. */
  maximum_seconds?: number | null;
  /** After how many seconds of failing a step waits for an operator. */
  give_up_after_seconds?: number | null;
  /** How long a partner may ask to be left alone, in seconds. */
  retry_after_maximum_seconds?: number | null;
  /** Steps a second that are tried once the partner works again. */
  recovery_rps?: number | null;
}

/** From now on, failed steps of a partner are tried again as the code and the settings say. */
export interface RetryReset {
  /** Who says so. */
  by: string;
  /** Why, in a sentence for people. */
  why: string;
}

/** Something happened to a return (CloudEvents 1.0). */
export interface ReturnEvent {
  /** The version of CloudEvents. */
  specversion: "1.0";
  /** The same whenever the event is sent; given once for each source. */
  id: string;
  /** When it happened. */
  time: string;
  /** What data is. */
  datacontenttype: "application/json";
  /** Where the JSON Schema of this type's data is. */
  dataschema: string;
  /** Where all events of returns come from. */
  source: "/homeward/returns";
  /** What happened. New types may come: pass over what you do not know. */
  type: string;
  /** The return's id. */
  subject: string;
  /** What happened, and what it is about. */
  data: EventData;
}

/** One customer sending back units of one order. */
export interface ReturnRequest {
  /** The return's id. */
  return_id?: string | null;
  /** What was bought, from whom, and how it was paid. */
  order: Order;
  /** What comes back: so many units of a line, for one reason. */
  items: Array<Item>;
  /** Default: "refund". */
  resolution?: Resolution;
  /** Default: "mail". */
  method?: Method;
  /** Default: "web". */
  channel?: Channel;
  /** The pieces that are wanted instead. */
  exchange_for?: Array<ExchangeItem> | null;
  /** When the carrier shall come: one of those that are offered. */
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
  /** How far it is. */
  state: SettlementState;
  /** What the customer gets. */
  resolution: Resolution;
  /** What is owed as known now, in minor units; below 0, what the customer owes. */
  amount: number;
  /** ISO 4217, such as USD. */
  currency: string;
  /** What the amount is made of, each in minor units. */
  breakdown: Breakdown;
  /** What each tender got, in minor units. */
  paid?: Array<Paid>;
  /** The hold on the card behind an advance replacement; null where there is none. */
  hold?: Hold | null;
  /** What an exchange would cost more than was agreed; null where nothing is asked. */
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
  /** The shop's own id of the goods. */
  sku: string;
  /** Where in the warehouse. */
  location: string;
  /** Its condition: A as new, down to D. */
  grade: string;
  /** Units on the shelf. */
  on_hand: number;
  /** Units that are promised to somebody. */
  reserved: number;
}

/** Balances by SKU, location and grade; null as `next_cursor` at the end. */
export interface Shelves {
  /** What is on the shelves. */
  stock: Array<Shelf>;
  /** The `cursor` of what comes after; null at the end. */
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
  /** Which taxes its tax is made of. */
  tax_lines?: Array<TaxLine>;
}

/** By when they were opened; by what the goods cost, the dearest first; by their last change, the earliest first. */
export type Sort = "newest" | "oldest" | "value" | "updated";

/** The checkout, or an operator, pays so much of an order with a customer's store credit. */
export interface SpendCredit {
  /** Who says so. */
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
  /** The shop's own id of the customer. */
  customer_id: string;
  /** What there is to spend, a row for each currency. */
  balance: Array<Balance>;
  /** All that was given and spent, the oldest first. */
  entries: Array<Entry>;
}

/** The header status, derived from both tracks. */
export type Status = "requested" | "in_review" | "declined" | "label_sent" | "in_transit" | "partially_received" | "received" | "settling" | "refunded" | "credited" | "replaced" | "exchanged" | "repaired" | "rejected" | "cancelled" | "expired";

/** How one balance stands after it. */
export interface StockBalance {
  /** The shelf. */
  location: string;
  /** How good they are; empty while nobody has graded them. */
  grade: string;
  /** How many lie there. */
  on_hand: number;
  /** How many of them are spoken for. */
  reserved: number;
}

/** Something was booked in stock (CloudEvents 1.0). */
export interface StockEvent {
  /** The version of CloudEvents. */
  specversion: "1.0";
  /** The same whenever the event is sent; given once for each source. */
  id: string;
  /** When it happened. */
  time: string;
  /** What data is. */
  datacontenttype: "application/json";
  /** Where the JSON Schema of this type's data is. */
  dataschema: string;
  /** Where all events of stock come from. */
  source: "/homeward/stock";
  /** What happened. New types may come: pass over what you do not know. */
  type: string;
  /** The SKU. */
  subject: string;
  /** What happened, and what it is about. */
  data: StockEventData;
}

/** The `data` of an event of stock: one booking of one SKU. */
export interface StockEventData {
  /** Its place among the events of its subject, counted from 1 without a gap. */
  number: number;
  /** What happened, when, and which part of the shop did it. */
  entry: PublishedEntry;
  /** What was booked. */
  sku: string;
  /** The movement's kind, as the books have it. */
  kind: string;
  /** What has changed, by shelf and grade. */
  moves: Array<StockMoved>;
  /** How these shelves stand after it. */
  balances: Array<StockBalance>;
  /** The return that it is for. */
  return_id?: string | null;
  /** The return's units that it is about. */
  unit_ids?: Array<string>;
}

/** How one balance has changed. */
export interface StockMoved {
  /** The shelf. */
  location: string;
  /** How good they are; empty while nobody has graded them. */
  grade: string;
  /** How many came, or below 0 went. */
  quantity: number;
  /** How many more are spoken for, or below 0 fewer. */
  reserved: number;
}

/** A subscriber, and how far behind it is. Of the settings' only the settings change anything. */
export interface Subscriber {
  /** The subscription's id. */
  subscription_id: string;
  /** Where it was set: in the settings, or by the API. */
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
  /** Who gets events. */
  subscriptions: Array<Subscriber>;
}

/** What is left out stays as it is. */
export interface SubscriptionChange {
  /** Which types of events are wanted; all where it is empty. */
  types?: Array<"homeward.return.requested" | "homeward.return.in_review" | "homeward.return.approved_first" | "homeward.return.approved" | "homeward.return.declined" | "homeward.return.kept" | "homeward.return.label_sent" | "homeward.return.changed" | "homeward.return.resolution_changed" | "homeward.return.reminded" | "homeward.return.handed_over" | "homeward.return.delivered" | "homeward.return.delivery_failed" | "homeward.return.returned_to_sender" | "homeward.return.lost" | "homeward.return.scan_passed_over" | "homeward.return.received" | "homeward.return.inspected" | "homeward.return.came_before" | "homeward.return.wiped" | "homeward.return.sent_back" | "homeward.return.bench_done" | "homeward.return.escalated" | "homeward.return.limit_reached" | "homeward.return.cancelled" | "homeward.return.cancel_refused" | "homeward.return.expired" | "homeward.return.reopened" | "homeward.return.hold_placed" | "homeward.return.hold_released" | "homeward.return.hold_captured" | "homeward.return.hold_expired" | "homeward.return.charge_asked" | "homeward.return.charge_accepted" | "homeward.return.charge_refused" | "homeward.return.charge_unanswered" | "homeward.return.charge_withdrawn" | "homeward.return.fewer_pieces" | "homeward.return.replacement_shipped" | "homeward.return.repaired_shipped" | "homeward.return.shortfall" | "homeward.return.paid_before" | "homeward.return.refund_failed" | "homeward.return.charge_failed" | "homeward.return.attention" | "homeward.return.attention_resolved" | "homeward.return.overridden" | "homeward.return.dropped" | "homeward.return.released" | "homeward.return.refunded" | "homeward.return.credited" | "homeward.return.replaced" | "homeward.return.exchanged" | "homeward.return.repaired" | "homeward.return.rejected" | "homeward.return.closed" | "homeward.support.opened" | "homeward.support.asked" | "homeward.support.answered" | "homeward.support.address_proved" | "homeward.support.escalated" | "homeward.support.return_wanted" | "homeward.support.return_refused" | "homeward.support.became_return" | "homeward.support.closed" | "homeward.support.close_refused" | "homeward.support.attention" | "homeward.support.attention_resolved" | "homeward.support.dropped" | "homeward.repair.diagnosing" | "homeward.repair.diagnosed" | "homeward.repair.awaiting_customer" | "homeward.repair.estimate_accepted" | "homeward.repair.estimate_refused" | "homeward.repair.estimate_unanswered" | "homeward.repair.repairing" | "homeward.repair.repaired" | "homeward.repair.checking" | "homeward.repair.check_passed" | "homeward.repair.check_failed" | "homeward.repair.reminded" | "homeward.repair.done" | "homeward.repair.unrepairable" | "homeward.repair.refused" | "homeward.repair.called_off" | "homeward.repair.attention" | "homeward.repair.attention_resolved" | "homeward.repair.dropped" | "homeward.supplier.added" | "homeward.supplier.asked" | "homeward.supplier.reminded" | "homeward.supplier.authorised" | "homeward.supplier.shipped" | "homeward.supplier.credited" | "homeward.supplier.refused" | "homeward.supplier.attention" | "homeward.supplier.attention_resolved" | "homeward.supplier.ending" | "homeward.supplier.dropped" | "homeward.stock.received" | "homeward.stock.restocked" | "homeward.stock.moved" | "homeward.stock.reserved" | "homeward.stock.released" | "homeward.stock.shipped" | "homeward.stock.used" | "homeward.stock.added" | "homeward.credit.issued" | "homeward.credit.spent" | "homeward.credit.given_back" | "homeward.credit.taken_back"> | null;
  /** While it is, its events wait. */
  paused?: boolean | null;
}

/** The short answer of updates; `attention` is the step's name, `ignored` are the fields that nobody knows. */
export interface Summary {
  /** The return's id. */
  return_id: string;
  /** The shop's own id of the order. */
  order_id: string;
  /** Where it stands. */
  status: Status;
  /** Minor units of the currency. */
  amount: number;
  /** ISO 4217, such as USD. */
  currency: string;
  /** The next promise to the customer; ISO 8601 with its zone. Null before the clock runs. */
  resolve_by: string | null;
  /** Whether it is past its target. */
  escalated: boolean;
  /** The step that waits for an operator; null where none does. */
  attention: string | null;
  /** Fields of what was sent that nobody knows. */
  ignored?: Array<string>;
}

/** Money from the supplier. */
export interface SupplierCredit {
  /** The entry's id in the books of store credit. */
  credit_id: string;
  /** Who says so. */
  by: string;
  /** Minor units of the currency. */
  amount: number;
  /** ISO 4217, such as USD. */
  currency: string;
  /** When; ISO 8601 with its zone. */
  at: string;
}

/** Something happened to goods for a supplier (CloudEvents 1.0). */
export interface SupplierEvent {
  /** The version of CloudEvents. */
  specversion: "1.0";
  /** The same whenever the event is sent; given once for each source. */
  id: string;
  /** When it happened. */
  time: string;
  /** What data is. */
  datacontenttype: "application/json";
  /** Where the JSON Schema of this type's data is. */
  dataschema: string;
  /** Where all events of goods for suppliers come from. */
  source: "/homeward/suppliers";
  /** What happened. New types may come: pass over what you do not know. */
  type: string;
  /** The supplier's id. */
  subject: string;
  /** What happened, and what it is about. */
  data: SupplierEventData;
}

/** The `data` of an event of goods for a supplier; never what anybody wrote. */
export interface SupplierEventData {
  /** Its place among the events of its subject, counted from 1 without a gap. */
  number: number;
  /** What happened, when, and which part of the shop did it. */
  entry: PublishedEntry;
  /** How many units were at which stage when the event was passed on. */
  summary: SupplierSummary;
  /** The units that it is about, as they stood then. */
  units?: Array<SupplierEventUnit>;
  /** The shipment's parcel. */
  tracking_code?: string | null;
  /** What the supplier gives back, in minor units. */
  amount?: number | null;
  /** Its currency, by ISO 4217. */
  currency?: string | null;
}

/** A unit that goes back to its supplier, and what it was last part of. */
export interface SupplierEventUnit {
  /** RETURN/UNIT. */
  unit_id: string;
  /** What it is. */
  sku: string;
  /** How far it is. */
  stage: UnitStage;
  /** The supplier's word that it takes it back. */
  authorisation_id?: string | null;
  /** The shipment that it went out in. */
  shipment_id?: string | null;
  /** The credit that the supplier gave for it. */
  credit_id?: string | null;
}

/** Suppliers for whom something was gathered, by their ids. */
export interface SupplierList {
  /** The rows. */
  suppliers: Array<SupplierSummary>;
}

/** Goods on their way to the supplier. */
export interface SupplierShipment {
  /** The shop's own id of the shipment. */
  shipment_id: string;
  /** Who says so. */
  by: string;
  /** The carrier's own number of the parcel. */
  tracking_code: string | null;
  /** When; ISO 8601 with its zone. */
  at: string;
}

/** The short answer of an update: how many units are at which stage, ever; money by currency. */
export interface SupplierSummary {
  /** Who supplied it, for what goes back to them. */
  supplier_id: string;
  /** The pieces that it is about. */
  units: Record<string, number>;
  /** What the supplier has credited, in minor units, by currency. */
  credited: Record<string, number>;
  /** The step that waits for an operator; null where none does. */
  attention: string | null;
  /** Fields of what was sent that nobody knows. */
  ignored?: Array<string>;
}

/** A step that failed for good; it is tried again by itself. */
export interface SupplierTrouble {
  /** The step's kind. */
  step: string;
  /** What went wrong, in Homeward's words. */
  error: string;
  /** Since when; ISO 8601 with its zone. */
  since: string;
}

/** One unit; `since` is when it came to its stage, `batch` the one it was asked about in. */
export interface SupplierUnit {
  /** One piece: the line's id, a hyphen, and its number within the line, from 1. */
  unit_id: string;
  /** The shop's own id of the goods. */
  sku: string;
  /** The piece's own number. */
  serial_number?: string | null;
  /** Default: "gathered". */
  stage?: UnitStage;
  /** Since when; ISO 8601 with its zone. */
  since: string;
  /** When the supplier was reminded; ISO 8601 with its zone. */
  reminded_at?: string | null;
  /** The number of the batch that it was asked for with. */
  batch?: number | null;
  /** The supplier's own number of the authorisation. */
  authorisation_id?: string | null;
  /** The shop's own id of the shipment. */
  shipment_id?: string | null;
  /** The entry's id in the books of store credit. */
  credit_id?: string | null;
  /** Why. */
  reason?: string | null;
}

/** What the query `view` gives back. Units that ended long ago are counted in `totals` alone. */
export interface SupplierView {
  /** Who supplied it, for what goes back to them. */
  supplier_id: string;
  /** How many units are where, and what was credited. */
  totals: SupplierSummary;
  /** The pieces that it is about. */
  units: Array<SupplierUnit>;
  /** What the supplier has authorised. */
  authorisations: Array<Authorisation>;
  /** What was sent to the supplier. */
  shipments: Array<SupplierShipment>;
  /** What the supplier has credited. */
  credits: Array<SupplierCredit>;
  /** What happens next, and when. */
  next: Upcoming | null;
  /** The step that waits for an operator; null where none does. */
  attention: SupplierTrouble | null;
  /** What has happened, the oldest first. */
  timeline: Array<TimelineEntry>;
}

/** Something happened to a support case (CloudEvents 1.0). */
export interface SupportEvent {
  /** The version of CloudEvents. */
  specversion: "1.0";
  /** The same whenever the event is sent; given once for each source. */
  id: string;
  /** When it happened. */
  time: string;
  /** What data is. */
  datacontenttype: "application/json";
  /** Where the JSON Schema of this type's data is. */
  dataschema: string;
  /** Where all events of support cases come from. */
  source: "/homeward/support";
  /** What happened. New types may come: pass over what you do not know. */
  type: string;
  /** The case's id. */
  subject: string;
  /** What happened, and what it is about. */
  data: SupportEventData;
}

/** The `data` of an event of a support case; never what anybody wrote. */
export interface SupportEventData {
  /** Its place among the events of its subject, counted from 1 without a gap. */
  number: number;
  /** What happened, when, and which part of the shop did it. */
  entry: PublishedEntry;
  /** How the case stood when the event was kept. */
  summary: CaseSummary;
  /** The order that is asked about. */
  order_id?: string | null;
  /** The return that is asked about. */
  return_id?: string | null;
}

/** A credit was given in error: `amount` of it, or what is left, is taken back. */
export interface TakeBackCredit {
  /** Who says so. */
  by: string;
  /** Why, in a sentence for people. */
  why: string;
  /** The customer's id; `guest:` and the mail address for one who bought without. */
  customer_id: string;
  /** The entry's id in the books of store credit. */
  credit_id: string;
  /** In the currency's minor unit. */
  amount: number;
}

/** One of several taxes in a sum, such as a state's and a city's; carried, not reckoned with. */
export interface TaxLine {
  /** What people call it. */
  title?: string;
  /** The tax's rate, in per cent. */
  rate_percent?: number | string | null;
  /** Minor units of the currency. */
  amount: number;
}

/** One way the order was paid; `reference` is the payment provider's own name of it. */
export interface Tender {
  /** The order's own id of the payment. */
  tender_id: string;
  /** Which kind it is. */
  kind: TenderKind;
  /** What was taken by it, in minor units. */
  captured: number;
  /** Default: 0. */
  refunded?: number;
  /** What the payment provider calls it. */
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
  /** When; ISO 8601 with its zone. */
  at: string;
  /** What has happened; more kinds may come. */
  event: string;
  /** Who says so. */
  by: string;
  /** Why, in a sentence for people. */
  detail?: string | null;
}

/**
 * One physical piece. `refund` is null until decided; `flag` says why an operator has to look at it.
 *
 * `note` is what was noted of it at its inspection, for the customer to read.
 */
export interface Unit {
  /** One piece: the line's id, a hyphen, and its number within the line, from 1. */
  unit_id: string;
  /** The order's own id of the line. */
  line_id: string;
  /** The shop's own id of the goods. */
  sku: string;
  /** The piece's own number. */
  serial_number?: string | null;
  /** Where it is, as far as the shop knows. */
  reception: Reception;
  /** What was decided about it. */
  acceptance: Acceptance;
  /** Its condition: A as new, down to D. */
  grade?: Grade | null;
  /** Where it goes from the warehouse. */
  disposition?: Disposition | null;
  /** What the customer gets for it, in minor units; null until that is decided. */
  refund?: number | null;
  /** Who has wiped its personal data, how and when; null where nobody has. */
  wiped?: Record<string, string> | null;
  /** How its repair stands: state, estimate in minor units, workflow; null where there is none. */
  repair?: Record<string, string | number | null> | null;
  /** What was noted, for people to read. */
  note?: string | null;
  /** Why an operator has to look at it; null where none has to. */
  flag?: string | null;
}

/** How far a unit is. */
export type UnitStage = "gathered" | "asked" | "authorised" | "shipped" | "credited" | "refused" | (string & {});

/** What happens next by itself. */
export interface Upcoming {
  /** When; ISO 8601 with its zone. */
  at: string;
  /** What it is. */
  what: string;
}

/** All there is to see of one return, for a backend; null is what no record has. */
export interface View {
  /** The return's id. */
  return_id: string;
  /** The shop's own id of the order. */
  order_id: string;
  /** Where it stands. */
  status: Status;
  /** Whether it has ended. */
  closed: boolean;
  /** What the policy said, and why; null before it has decided. */
  decision: Decision | null;
  /** The customer's end: what they get, and how far it is. */
  settlement: Settlement;
  /** The item's end. */
  goods: Goods;
  /** How the goods come back, and since when. */
  handover: Handover;
  /** The pieces that it is about. */
  units: Array<Unit>;
  /** What came and was not expected. */
  extras: Array<Extra>;
  /** What has to happen by when; see the fields. */
  deadlines: Deadlines;
  /** Whether it is past its target. */
  escalated: boolean;
  /** The step that waits for an operator; null where none does. */
  attention: Attention | null;
  /** What has happened, the oldest first. */
  timeline: Array<TimelineEntry>;
  /** What the customer wants. */
  asked_for: AskedFor | null;
  /** Who bought; empty once they were forgotten. */
  customer: Customer | null;
  /** Every parcel, the oldest first. */
  parcels: Array<Parcel>;
  /** The order's payments, and what each got back. */
  tenders: Array<PaidTender>;
}

/** One return, by the step that waits longest; `resolve_by` is the promise, `amount` in minor units. */
export interface WaitingReturn {
  /** The return's id. */
  return_id: string;
  /** The step's kind. */
  step: string;
  /** What went wrong, in Homeward's words. */
  error: string;
  /** Since when; ISO 8601 with its zone. */
  since: string;
  /** The next promise to the customer; ISO 8601 with its zone. Null before the clock runs. */
  resolve_by: string | null;
  /** Minor units of the currency. */
  amount: number;
  /** ISO 4217, such as USD. */
  currency: string;
}

/**
 * Returns by the step that waits longest; `more`: only the newest that wait were looked at.
 *
 * `findings` are what does not agree between the books, partners and Temporal, and nobody has acknowledged.
 */
export interface WaitingReturns {
  /** The rows. */
  returns: Array<WaitingReturn>;
  /** Whether there are more already. */
  more: boolean;
  /** What does not agree between the books of both sides. */
  findings: Array<KnownFinding>;
}

/**
 * The request of a return as far as it is known: what is left out is taken from the case and its order.
 *
 * `order_id` is another order than the case's, `order` one that the shop need not be asked for.
 */
export interface WantedReturn {
  /** The shop's own id of the order. */
  order_id?: string | null;
  /** What was bought, from whom, and how it was paid. */
  order?: Order | null;
  /** What comes back: so many units of a line, for one reason. */
  items?: Array<Item> | null;
  /** Default: "refund". */
  resolution?: Resolution;
  /** Default: "mail". */
  method?: Method;
  /** The pieces that are wanted instead. */
  exchange_for?: Array<ExchangeItem> | null;
  /** When the carrier shall come: one of those that are offered. */
  pickup_slot?: TimeWindow | null;
}

/** A field, as a dotted path from the body's root, or a parameter, and what is wrong with it. */
export interface WrongField {
  /** The field, as a dotted path from the body's root, or the parameter. */
  field: string;
  /** Which kind of fault it is. */
  code: "missing" | "unknown" | "type" | "choice" | "range" | "length" | "format" | "rule" | (string & {});
  /** What was expected, in a sentence for people. */
  message: string;
}

/** What subscribers are told. */
export type AnyEvent = ReturnEvent | SupportEvent | RepairEvent | SupplierEvent | StockEvent | CreditEvent;
