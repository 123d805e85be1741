import type { Problem, WrongField } from "./types.js";

/** Anything that went wrong between you and Homeward. */
export class HomewardError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** No answer came within the time that the client tries for. What was asked may have been done. */
export class NotReached extends HomewardError {}

/** The wait is over, and the return goes on. */
export class NotSettledInTime extends HomewardError {}

/** A webhook that Homeward did not sign, or not now. Answer it with 401. */
export class NotVerified extends HomewardError {}

/** Homeward refused, or could not; see its subclasses for which. */
export class ProblemError extends HomewardError {
  /** The HTTP status. */
  readonly status: number;
  /** The last part of the problem's `type`, such as `not-allowed`: what to decide by. */
  readonly kind: string;
  /** The fields that are wrong, each with what was expected. */
  readonly errors: WrongField[];

  /** `problem` is the whole answer (RFC 9457), `requestId` finds its lines in Homeward's log. */
  constructor(
    readonly problem: Problem,
    readonly requestId: string | null,
  ) {
    const kind = problem.type.split(/[#/]/).at(-1) ?? "";
    const errors = problem.errors ?? [];
    const wrong = errors.map((one) => `; ${one.field}: ${one.message}`).join("");
    super(`${problem.status} ${kind}: ${problem.detail}${wrong}`);
    this.status = problem.status;
    this.kind = kind;
    this.errors = errors;
  }
}

/** What was sent is wrong, and would be again: 400, 413, 415, 422. */
export class Invalid extends ProblemError {}

/** No key, or one that is not known, or not any more: 401. */
export class NotAuthenticated extends ProblemError {}

/** The key lacks the scope: 403. */
export class NotAuthorised extends ProblemError {}

/** There is nothing of this name: 404. */
export class NotFound extends ProblemError {}

/** The return's state does not allow it, or the id belongs to another request: 409. */
export class Conflict extends ProblemError {}

/** More calls than are taken in a minute, for longer than the client tries: 429. Nothing was done. */
export class TooManyCalls extends ProblemError {}

/** Homeward, or what it needs, does not answer, for longer than the client tries: 5xx. */
export class Unavailable extends ProblemError {}

const BY_STATUS: Record<number, typeof ProblemError> = {
  400: Invalid,
  401: NotAuthenticated,
  403: NotAuthorised,
  404: NotFound,
  409: Conflict,
  413: Invalid,
  415: Invalid,
  422: Invalid,
  429: TooManyCalls,
};

/** What an answer that is no success is thrown as; whatever stands between may have answered in its own words. */
export function errorOf(answer: Response, text: string): ProblemError {
  const kind = answer.status >= 500 ? Unavailable : (BY_STATUS[answer.status] ?? ProblemError);
  return new kind(problemOf(answer, text), answer.headers.get("X-Request-Id"));
}

function problemOf(answer: Response, text: string): Problem {
  const unnamed: Problem = {
    type: "about:blank",
    title: answer.statusText,
    status: answer.status,
    detail: `answered ${answer.status} ${answer.statusText}`,
  };
  if (!answer.headers.get("Content-Type")?.startsWith("application/problem+json")) return unnamed;
  try {
    return { ...unnamed, ...JSON.parse(text) };
  } catch {
    return unnamed;
  }
}
