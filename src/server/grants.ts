import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import express, { type Request, type RequestHandler, type Response, Router } from "express";
import type { Log, World } from "../world.ts";

const maxBody = "16kb";
/** A signature of another time may have been overheard. */
const signatureAgeMs = 300_000;

/** A grant as a shop tells it; its bounds are checked where it is given. */
export interface GrantOrder {
  readonly key: string;
  readonly source: string;
  readonly member: string;
  readonly amount: number;
  readonly note: string;
}

export interface GrantsOptions {
  readonly token: string;
  readonly world: Pick<World, "now">;
  readonly log: Log;
  give(order: GrantOrder): Promise<object>;
  reverse(key: string, source: string): Promise<object>;
  /** The code and sentence of an error on purpose; undefined for any other. */
  explain(error: unknown): { readonly code: string; readonly message: string } | undefined;
}

const statuses: Readonly<Record<string, number>> = { "grant-key-taken": 409, "grant-unknown": 404 };

/**
 * Top-ups from outside. `POST /` with `{ key, source, member, amount, note? }` gives credits, `POST /reversals` with
 * `{ key, source }` takes them back; both once for each key. Whoever asks shows the token, or signs the body with it.
 */
export function createGrants(options: GrantsOptions): Router {
  const router = Router();
  router.use(express.raw({ type: () => true, limit: maxBody }), onlyTrusted(options));
  router.post("/", answering(options, readOrder, options.give));
  router.post(
    "/reversals",
    answering(options, readReversal, ({ key, source }) => options.reverse(key, source)),
  );
  return router;
}

function onlyTrusted({ token, world, log }: GrantsOptions): RequestHandler {
  return (req, res, next) => {
    if (isBearer(req, token) || isSigned(req, token, world.now())) return next();
    log.warn({ address: req.ip }, "grant refused: wrong token or signature");
    refuse(res, 401, "unauthorized", "Send GRANTS_TOKEN as a bearer token, or sign the body with it.");
  };
}

function isBearer(req: Request, token: string): boolean {
  return isSame(req.get("Authorization") ?? "", `Bearer ${token}`);
}

/** `Atelier-Signature: t=SECONDS,v1=HEX`, where HEX is HMAC-SHA256 of `SECONDS.BODY` by the token. */
function isSigned(req: Request, token: string, now: number): boolean {
  const { at = "", given = "" } =
    /^t=(?<at>\d{1,12}),\s*v1=(?<given>[0-9a-f]{64})$/.exec(req.get("Atelier-Signature") ?? "")?.groups ?? {};
  if (at === "" || Math.abs(now - Number(at) * 1000) > signatureAgeMs) return false;
  return isSame(given, createHmac("sha256", token).update(`${at}.`).update(bodyOf(req)).digest("hex"));
}

function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

function bodyOf(req: Request): Buffer {
  return Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0);
}

function answering<Body>(
  { explain }: GrantsOptions,
  read: (bytes: Buffer) => Body | string,
  act: (body: Body) => Promise<object>,
): RequestHandler {
  return async (req, res) => {
    const body = read(bodyOf(req));
    if (typeof body === "string") return refuse(res, 400, "malformed", body);
    try {
      res.json(await act(body));
    } catch (error) {
      const refusal = explain(error);
      if (!refusal) throw error;
      refuse(res, statuses[refusal.code] ?? 422, refusal.code, refusal.message);
    }
  };
}

function refuse(res: Response, status: number, code: string, message: string): void {
  res.status(status).json({ error: { code, message } });
}

const printable = /^[^\p{Cc}\p{Cs}]*$/u;
const isName = (value: unknown): value is string => typeof value === "string" && /^[\w.:@-]{1,100}$/.test(value);

function readReversal(body: Buffer): { key: string; source: string } | string {
  const { key, source } = objectIn(body) ?? {};
  if (!isName(key)) return "key must be 1 to 100 letters, digits and _ . : @ -, the same for the same payment.";
  if (!isName(source)) return "source must be 1 to 100 letters, digits and _ . : @ -, such as patreon.";
  return { key, source };
}

function readOrder(body: Buffer): GrantOrder | string {
  const named = readReversal(body);
  if (typeof named === "string") return named;
  const { member, amount, note = "" } = objectIn(body) ?? {};
  if (typeof member !== "string") return "member must be a member's key, such as discord:80351110224678912.";
  if (typeof amount !== "number" || !Number.isSafeInteger(amount)) return "amount must be a whole number of credits.";
  if (typeof note !== "string" || note.length > 200 || !printable.test(note))
    return "note must be at most 200 characters.";
  return { ...named, member, amount, note };
}

function objectIn(body: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
