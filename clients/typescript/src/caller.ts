import { HomewardError, NotReached, errorOf } from "./errors.js";

/** How a client calls. */
export interface ClientOptions {
  /** The API key; none for a `homeward up` on this machine. */
  key?: string | undefined;
  /** Milliseconds for which a call is made again before it fails; 30,000 when left out. */
  patience?: number;
  /** Another `fetch`, for certificates or a proxy of your own. */
  fetch?: typeof globalThis.fetch;
}

/** How one call is made. */
export interface CallOptions {
  /** Any text of yours; the same again is the same call, with another body it is refused. Made up when left out. */
  idempotencyKey?: string;
  /** Ends the call, and its repeats. */
  signal?: AbortSignal;
}

/** A file: its media type, such as `application/pdf`, and what is in it. */
export interface Document {
  mediaType: string;
  content: Uint8Array;
}

type Query = object | undefined;

interface Sent {
  query?: Query;
  body?: unknown;
  options?: CallOptions | undefined;
  /** Sent twice it is done once, so a lost answer is no reason to fail. */
  repeatable: boolean;
}

interface Outcome {
  answer: Response;
  content: Uint8Array;
}

/** Milliseconds for one try. Homeward itself answers within three seconds. */
const ONE_TRY = 10_000;
/** Milliseconds between the first two tries, at most; twice as many each time, up to the last. */
const FIRST = 250;
const LONGEST = 5_000;
/** Of these nothing was done, whatever was asked. */
const NOT_DONE = new Set(["out-of-reach", "full"]);
const NEVER_SENT = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "UND_ERR_CONNECT_TIMEOUT"]);

/** What all calls are made through. */
export class Caller {
  readonly #url: string;
  readonly #headers: Record<string, string>;
  readonly #patience: number;
  readonly #fetch: typeof globalThis.fetch;

  /** `url` is where the API is served, such as `http://127.0.0.1:8000`. */
  constructor(url: string, { key, patience = 30_000, fetch = globalThis.fetch }: ClientOptions = {}) {
    this.#url = url.replace(/\/+$/, "");
    this.#headers = key ? { Authorization: `Bearer ${key}` } : {};
    this.#patience = patience;
    this.#fetch = fetch;
  }

  /** The date of the API's version that the calls were written for. */
  protected get dated(): string | undefined {
    return undefined;
  }

  /** Call, and give the JSON that was answered. */
  protected async json<T>(method: string, path: string, sent: Sent): Promise<T> {
    return JSON.parse(textOf((await this.#send(method, path, sent)).content)) as T;
  }

  /** Call, and give the file that was answered. */
  protected async document(method: string, path: string, sent: Sent): Promise<Document> {
    const { answer, content } = await this.#send(method, path, sent);
    return { mediaType: answer.headers.get("Content-Type") ?? "application/octet-stream", content };
  }

  async #send(method: string, path: string, { query, body, options = {}, repeatable }: Sent): Promise<Outcome> {
    const key = options.idempotencyKey ?? (repeatable && method === "POST" ? crypto.randomUUID() : undefined);
    const headers: Record<string, string> = { ...this.#headers };
    if (this.dated) headers["Homeward-Version"] = this.dated;
    if (key) headers["Idempotency-Key"] = key;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const url = this.#url + path + searchOf(query);
    const content = body === undefined ? null : JSON.stringify(body);
    const until = Date.now() + this.#patience;
    for (let longest = FIRST; ; longest = Math.min(2 * longest, LONGEST)) {
      const { outcome, failure, again, told } = await this.#once(url, { method, headers, body: content }, options, repeatable);
      if (outcome) return outcome;
      // Between half and all of it, so that many callers do not come back at once.
      const wait = told + (0.5 + Math.random() / 2) * longest;
      if (!again || Date.now() + wait > until) throw failure;
      await pause(wait, options.signal);
    }
  }

  async #once(url: string, init: RequestInit, { signal }: CallOptions, repeatable: boolean): Promise<Tried> {
    const limit = AbortSignal.timeout(ONE_TRY);
    try {
      const answer = await this.#fetch(url, { ...init, signal: signal ? AbortSignal.any([signal, limit]) : limit });
      const content = new Uint8Array(await answer.arrayBuffer());
      if (answer.ok) return { outcome: { answer, content } };
      const failure = errorOf(answer, textOf(content));
      const notDone = answer.status === 429 || (answer.status === 503 && NOT_DONE.has(failure.kind));
      const again = notDone || (repeatable && [408, 502, 503, 504].includes(answer.status));
      return { failure, again, told: retryAfter(answer) };
    } catch (error) {
      signal?.throwIfAborted();
      const failure = new NotReached(`no answer from ${new URL(url).host}: ${reasonOf(error)}`, { cause: error });
      return { failure, again: repeatable || NEVER_SENT.has(codeOf(error)), told: 0 };
    }
  }
}

type Tried =
  | { outcome: Outcome; failure?: never; again?: never; told?: never }
  | { outcome?: never; failure: HomewardError; again: boolean; told: number };

/** One part of a path, whatever is in it. */
export function part(text: string): string {
  return encodeURIComponent(text);
}

/** Wait so many milliseconds, or until the signal. */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const ended = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", ended);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", ended, { once: true });
  });
}

function searchOf(query: Query): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null) search.append(name, one instanceof Date ? one.toISOString() : String(one));
    }
  }
  return search.size ? `?${search}` : "";
}

function textOf(content: Uint8Array): string {
  return new TextDecoder().decode(content);
}

/** Milliseconds: `Retry-After` is a number of seconds, or a date. */
function retryAfter(answer: Response): number {
  const told = answer.headers.get("Retry-After") ?? "";
  const milliseconds = /^\d+$/.test(told) ? Number(told) * 1000 : Date.parse(told) - Date.now();
  return Math.max(0, milliseconds || 0);
}

function codeOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause as { code?: string } | undefined) : undefined;
  return cause?.code ?? "";
}

function reasonOf(error: unknown): string {
  return codeOf(error) || (error instanceof Error ? `${error.name} ${error.message}` : String(error));
}
