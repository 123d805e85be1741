import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import * as homeward from "../dist/index.js";

const SUMMARY = { return_id: "R-1", order_id: "SO-1", status: "requested", amount: 1, currency: "USD" };
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLwMfKQ9r8GKYqrTw";

/** An API that answers one thing after another, and remembers what it was asked. */
function api(...answers) {
  const asked = [];
  const fetch = async (url, init) => {
    asked.push({ url: String(url), ...init });
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { asked, client: (options) => new homeward.Homeward("http://api/", { key: "the-key", fetch, ...options }) };
}

const ok = (body, status = 200) => new Response(JSON.stringify(body), { status });
const lost = () => new TypeError("fetch failed", { cause: { code: "ECONNRESET" } });
const problem = (status, kind, retryAfter = "0", more = {}) =>
  new Response(JSON.stringify({ type: `/docs#${kind}`, title: kind, status, detail: `it is ${kind}`, ...more }), {
    status,
    headers: { "Content-Type": "application/problem+json", "Retry-After": retryAfter, "X-Request-Id": "req-7" },
  });

test("a lost answer is asked for again under the same key", async () => {
  const { asked, client } = api(lost(), problem(503, "no-answer"), ok(SUMMARY, 201));
  const summary = await client().startReturn({ order: { order_id: "SO-1" }, items: [] });
  assert.equal(summary.amount, 1);
  assert.equal(new Set(asked.map((one) => one.headers["Idempotency-Key"])).size, 1);
  assert.ok(asked.every((one) => one.headers.Authorization === "Bearer the-key"));
  assert.equal(asked[0].url, "http://api/v1/returns");
});

test("it waits as long as it is told, and no longer than it may", async () => {
  const { asked, client } = api(problem(429, "too-many-calls", "1"), ok(SUMMARY), problem(429, "too-many-calls", "60"));
  const begun = Date.now();
  await client().approveReturn("R-1", { by: "x" }, { idempotencyKey: "mine" });
  assert.ok(Date.now() - begun >= 1000);
  await assert.rejects(client().approveReturn("R-1", { by: "x" }), homeward.TooManyCalls);
  assert.deepEqual(asked.slice(0, 2).map((one) => one.headers["Idempotency-Key"]), ["mine", "mine"]);
});

for (const [name, outcome, tries] of [
  ["lost", lost(), 1],
  ["no answer", problem(503, "no-answer"), 1],
  ["never sent", new TypeError("fetch failed", { cause: { code: "ECONNREFUSED" } }), 2],
  ["never done", problem(503, "out-of-reach"), 2],
  ["not let in", problem(429, "too-many-calls"), 2],
]) {
  test(`a secret is rotated again only if it was not: ${name}`, async () => {
    const { asked, client } = api(outcome, problem(404, "not-found"));
    await assert.rejects(client().rotateSecret("sub-1"), homeward.HomewardError);
    assert.equal(asked.length, tries);
    assert.equal(asked[0].body, "{}");
  });
}

test("a problem is an error of its kind, with its fields and the request that the log knows", async () => {
  const wrong = [{ field: "order.currency", message: "an ISO 4217 code" }];
  const kinds = [
    [problem(401, "no-key"), homeward.NotAuthenticated],
    [problem(403, "wrong-scope"), homeward.NotAuthorised],
    [problem(404, "not-found"), homeward.NotFound],
    [problem(409, "closed"), homeward.Conflict],
    [problem(500, "failed"), homeward.Unavailable],
    [new Response("<html>", { status: 413 }), homeward.Invalid],
    [problem(422, "invalid", "0", { errors: wrong }), homeward.Invalid],
  ];
  for (const [answer, kind] of kinds) {
    const failure = await api(answer).client().cancelReturn("R-1", { by: "x" }).catch((error) => error);
    assert.equal(failure.constructor, kind);
    if (failure.kind === "invalid") assert.deepEqual([failure.errors, failure.requestId], [wrong, "req-7"]);
  }
});

test("ids and filters stay what they are, and pages end", async () => {
  const { asked, client } = api(
    problem(404, "not-found"),
    ok({ returns: [{ return_id: "R-1" }], next_cursor: "c 1" }),
    ok({ returns: [{ return_id: "R-2" }], next_cursor: null }),
  );
  await assert.rejects(client().answerEstimate("R/1 ?", "a/b-1", { by: "x", accepted: true }), homeward.NotFound);
  assert.equal(asked[0].url, "http://api/v1/returns/R%2F1%20%3F/repairs/a%2Fb-1/estimate");
  const seen = [];
  for await (const row of client().iterReturns({ escalated: false, due_before: new Date(0) })) seen.push(row.return_id);
  assert.deepEqual(seen, ["R-1", "R-2"]);
  assert.equal(asked[2].url, "http://api/v1/returns?escalated=false&due_before=1970-01-01T00%3A00%3A00.000Z&cursor=c+1");
});

test("a call ends with its signal", async () => {
  const { client } = api(problem(503, "no-answer", "20"));
  const failure = await client().showReturn("R-1", { signal: AbortSignal.timeout(50) }).catch((error) => error);
  assert.equal(failure.name, "TimeoutError");
});

test("the wait for a settlement ends", async () => {
  const open = { ...SUMMARY, closed: false };
  const { client } = api(ok(open), ok({ ...open, status: "refunded" }), ok(open));
  assert.equal((await client().waitUntilSettled("R-1", { within: 5000 })).status, "refunded");
  await assert.rejects(client().waitUntilSettled("R-1", { within: 0 }), homeward.NotSettledInTime);
});

test("a webhook is taken only as it was signed", async () => {
  const body = JSON.stringify({ type: "homeward.return.received", subject: "R-1", data: { number: 4 } });
  const signed = (text, at = Math.floor(Date.now() / 1000)) => {
    const hmac = createHmac("sha256", Buffer.from(SECRET.slice(6), "base64"));
    const signature = `v2,x v1,${hmac.update(`R-1:4.${at}.${text}`).digest("base64")}`;
    return { "Webhook-Id": "R-1:4", "webhook-timestamp": String(at), "webhook-signature": signature };
  };
  const headers = signed(body);
  const other = `whsec_${"eHl6".repeat(8)}`;
  assert.equal((await homeward.verifyWebhook(body, headers, [other, SECRET])).subject, "R-1");
  assert.equal((await homeward.verifyWebhook(Buffer.from(body), new Headers(headers), SECRET)).data.number, 4);
  const trial = JSON.stringify({ type: "homeward.test", data: {} });
  assert.ok(!homeward.isReturnEvent(await homeward.verifyWebhook(trial, signed(trial), SECRET)));
  for (const [text, shown, secret] of [
    [body.replace("R-1", "R-2"), headers, SECRET],
    [body, { ...headers, "webhook-timestamp": String(headers["webhook-timestamp"] - 1) }, SECRET],
    [body, { ...headers, "Webhook-Id": undefined }, SECRET],
    [body, headers, other],
    [body, signed(body, Math.floor(Date.now() / 1000) - 301), SECRET],
    ["{}", signed("{}"), SECRET],
  ]) {
    await assert.rejects(homeward.verifyWebhook(text, shown, secret), homeward.NotVerified);
  }
});
