import { NotVerified } from "./errors.js";
import type { AnyEvent, ReturnEvent } from "./types.js";

/** Headers as `fetch` has them, or as Node's `http` does. */
export type ReceivedHeaders = Headers | Record<string, string | string[] | undefined>;

/** An event that this version has no shape for, such as `homeward.test`, or one that a newer Homeward adds. */
export interface OtherEvent {
  id: string;
  source: string;
  type: string;
  subject?: string;
  time: string;
  data: Record<string, unknown>;
}

/** Whether it is about a return. */
export function isReturnEvent(event: AnyEvent | OtherEvent): event is ReturnEvent {
  return event.type.startsWith("homeward.return.");
}

/**
 * The event in a webhook's body (Standard Webhooks, https://www.standardwebhooks.com).
 *
 * Throws `NotVerified` unless it was signed with a secret of yours, and within `tolerance` seconds of now.
 * `body` is the raw body, as it came. Of several secrets one is enough, for the days in which they change.
 */
export async function verifyWebhook(
  body: string | Uint8Array,
  headers: ReceivedHeaders,
  secret: string | readonly string[],
  { tolerance = 300 }: { tolerance?: number } = {},
): Promise<AnyEvent | OtherEvent> {
  const there = headers instanceof Headers ? headers : headersOf(headers);
  const [id, sent, signatures] = ["webhook-id", "webhook-timestamp", "webhook-signature"].map((name) => {
    const value = there.get(name);
    if (!value) throw new NotVerified(`lacks the header ${name}`);
    return value;
  }) as [string, string, string];
  if (!/^\d+$/.test(sent) || Math.abs(Date.now() / 1000 - Number(sent)) > tolerance) {
    throw new NotVerified(`webhook-timestamp is more than ${tolerance} s from now, or no time`);
  }
  const raw = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const signed = joined(new TextEncoder().encode(`${id}.${sent}.`), raw);
  const shown = signatures.split(" ").filter((one) => one.startsWith("v1,")).map((one) => bytesOf(one.slice(3)));
  for (const one of typeof secret === "string" ? [secret] : secret) {
    if (await fits(signed, shown, one)) return eventOf(raw);
  }
  throw new NotVerified("webhook-signature does not fit");
}

async function fits(signed: Uint8Array<ArrayBuffer>, shown: Bytes[], secret: string): Promise<boolean> {
  const bytes = bytesOf(secret.replace(/^whsec_/, ""));
  if (!bytes?.length) throw new TypeError("a secret is base64, as `whsec_...`");
  const key = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
  for (const one of shown) {
    if (one && (await crypto.subtle.verify("HMAC", key, one, signed))) return true;
  }
  return false;
}

type Bytes = Uint8Array<ArrayBuffer> | null;

function eventOf(raw: Uint8Array): AnyEvent | OtherEvent {
  try {
    const event = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(raw));
    if (typeof event?.type === "string" && typeof event?.data === "object") return event as AnyEvent | OtherEvent;
  } catch (error) {
    throw new NotVerified("is signed, and not JSON", { cause: error });
  }
  throw new NotVerified("is signed, and no event");
}

function headersOf(given: Record<string, string | string[] | undefined>): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined) headers.set(name, String(value));
  }
  return headers;
}

function bytesOf(base64: string): Bytes {
  try {
    return Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
  } catch {
    return null;
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}
