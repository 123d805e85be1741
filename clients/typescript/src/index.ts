export type * from "./calls.js";
export type { CallOptions, ClientOptions, Document } from "./caller.js";
export { Homeward } from "./client.js";
export * from "./errors.js";
export type * from "./types.js";
export { isReturnEvent, type OtherEvent, type ReceivedHeaders, verifyWebhook } from "./webhooks.js";
