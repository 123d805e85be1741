import { Calls } from "./calls.js";
import { type CallOptions, pause } from "./caller.js";
import { NotSettledInTime } from "./errors.js";
import type { Status, View } from "./types.js";

/** The customer has what is owed, or nothing is owed. A status that a newer Homeward adds is waited through. */
const ENDS: ReadonlySet<Status> = new Set<Status>([
  "refunded",
  "credited",
  "replaced",
  "exchanged",
  "repaired",
  "rejected",
  "declined",
  "cancelled",
  "expired",
]);
const LONGEST = 30_000;

/** Homeward over HTTP. Each call throws a `HomewardError`, and is tried again by itself where that is safe. */
export class Homeward extends Calls {
  /**
   * The return, once its customer has what is owed, or nothing is owed any more.
   *
   * It looks every second at first, then every half minute: for a return that takes weeks, take events.
   * Throws `NotSettledInTime` after `within` milliseconds.
   */
  async waitUntilSettled(returnId: string, { within, signal }: { within: number; signal?: AbortSignal }): Promise<View> {
    const until = Date.now() + within;
    const options: CallOptions = signal ? { signal } : {};
    for (let gap = 1_000; ; gap = Math.min(1.5 * gap, LONGEST)) {
      const view = await this.showReturn(returnId, options);
      if (view.closed || ENDS.has(view.status)) return view;
      const left = until - Date.now();
      if (left <= 0) throw new NotSettledInTime(`${returnId} is ${view.status} after ${within} ms`);
      await pause(Math.min(left, gap * (0.8 + Math.random() / 5)), signal);
    }
  }
}
