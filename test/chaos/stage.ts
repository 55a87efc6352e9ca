import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import sharp from "sharp";
import { openDatabase } from "../../src/store/database.ts";
import { type ChaosBot, startBot } from "../support/chaos/bot.ts";
import type { Random } from "../support/chaos/random.ts";
import { type FakeDiscord, startFakeDiscord } from "../support/discord/discord.ts";
import { type FakeS3, fakeS3, fakeS3Credentials } from "../support/fake-s3.ts";
import { createDatabase } from "../support/postgres.ts";
import type { PostgresBeside } from "../support/postgres-beside.ts";
import { type FakeAnswer, type FakeTokenHub, startFakeTokenHub } from "../support/services/tokenhub.ts";
import { type FarSides, type Outage, openFarSides, type Side } from "./far-sides.ts";

/** Where one course of chaos takes place: the fakes outlive every process of the bot. */
export interface Stage {
  readonly engine: "sqlite" | "postgres";
  readonly folder: string;
  /** As everybody but the bot reaches it. */
  readonly databaseUrl: string | undefined;
  readonly discord: FakeDiscord;
  readonly service: FakeTokenHub;
  /** Where images are shared; only on a stage with `outages`. */
  readonly storage: FakeS3 | undefined;
  /** Times at which one of these was away. */
  readonly outages: readonly Outage[];
  takeAway: FarSides["takeAway"];
  /** Every process that there ever was. */
  readonly bots: ChaosBot[];
  /** Those that live. */
  living(): ChaosBot[];
  start(given?: Readonly<Record<string, string>>): ChaosBot;
  /** As if a minute had passed for every job and delivery that somebody has: while nobody works, by death or frost. */
  leasesRunOut(): Promise<void>;
  /** Prepares how the next requests go; one in ten badly. */
  stir(): void;
  /** No new faults from now on. */
  calm(): void;
  close(): Promise<void>;
}

const faultChance = 0.1;
const slowChance = 0.4;
/** Answers that are ready before each round: more than any round uses. */
const answersAhead = 40;
const slowMs = 400;

export interface StageOptions {
  readonly engine: Stage["engine"];
  /** A PostgreSQL that is running. */
  readonly server: Pick<PostgresBeside, "url"> & Partial<PostgresBeside>;
  readonly random: Random;
  /** The far sides can be taken away, of which a storage for images is one. */
  readonly outages?: boolean;
  /** Calls that hang do so until the test lets them go on; else each a little while. */
  readonly holding?: boolean;
}

export async function openStage(options: StageOptions): Promise<Stage> {
  const { engine, server, random } = options;
  const folder = mkdtempSync(path.join(tmpdir(), "atelier-chaos-"));
  const databaseUrl =
    engine === "postgres" ? await createDatabase(server.url, `chaos_${randomBytes(8).toString("hex")}`) : undefined;
  const far = await openFar(options, databaseUrl);
  const { discord, service, storage, sides } = far;
  const bots: ChaosBot[] = [];
  warmUp(path.join(folder, "compiled"));
  const slow = options.holding ? undefined : setInterval(() => service.release(), slowMs);
  const environment = environmentOf(folder, databaseUrl, far);
  let prepared = 0;
  return {
    ...{ engine, folder, databaseUrl, discord, service, storage, bots },
    outages: sides.outages,
    takeAway: sides.takeAway,
    living: () => bots.filter(({ alive }) => alive),
    start(given = {}) {
      for (const outage of sides.outages) if (outage.to === undefined) outage.startedAt ??= Date.now();
      const bot = startBot({ ...environment, ...given });
      bots.push(bot);
      return bot;
    },
    leasesRunOut: () => leasesRunOut({ url: databaseUrl, dataDir: folder }),
    stir() {
      for (; prepared < service.requests.length + answersAhead; prepared += 1) service.answerNext(answer(random));
      if (random.next() < 2 * faultChance) discord.fail(discordFault(random));
    },
    calm() {
      discord.state.faults.length = 0;
    },
    async close() {
      clearInterval(slow);
      for (const bot of bots) if (bot.alive) bot.kill();
      await Promise.all(bots.map(({ ended }) => ended));
      await Promise.all([service.close(), discord.stop(), storage?.close(), sides.close()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

type Far = Awaited<ReturnType<typeof openFar>>;

/** The servers that nobody kills for good, and the lines to them. */
async function openFar({ outages = false, server }: StageOptions, databaseUrl: string | undefined) {
  const discord = await startFakeDiscord();
  const image = await sharp({ create: { width: 1024, height: 1024, channels: 3, background: "#c9472e" } })
    .png()
    .toBuffer();
  const service = await startFakeTokenHub({ image });
  const storage = outages ? await fakeS3() : undefined;
  const addresses = {
    discord: [discord.url],
    service: [service.baseUrl, service.fileOrigin],
    ...(storage ? { storage: [storage.endpoint] } : {}),
    ...(databaseUrl === undefined ? {} : { database: [databaseUrl] }),
  };
  const sides = await openFarSides(addresses, server.order ? { order: server.order } : undefined);
  const originOf = (side: Side, origin: string) => new URL(sides.through(side, `${origin}/`)).origin;
  discord.state.origin = originOf("discord", discord.state.origin); // its gateway, too
  service.fileOrigin = originOf("service", service.fileOrigin);
  return { discord, service, storage, sides };
}

async function leasesRunOut(options: { url: string | undefined; dataDir: string }): Promise<void> {
  const { db, close } = await openDatabase(options);
  await db.updateTable("job").set({ lease_until: 0 }).where("lease_until", "is not", null).execute();
  await db.updateTable("job").set({ run_at: 0 }).where("state", "=", "queued").execute();
  await db.updateTable("delivery").set({ lease_until: null, due_at: 0 }).where("phase", "<>", "confirmed").execute();
  await close();
}

/** Compiled code is kept by a process that ends in peace, which none of the others does. */
function warmUp(folder: string): void {
  const env = { ...process.env, NODE_COMPILE_CACHE: folder };
  execFileSync(process.execPath, ["src/main.js", "--help"], { env, stdio: "ignore" });
}

function environmentOf(folder: string, databaseUrl: string | undefined, far: Far): Record<string, string> {
  const { discord, service, storage, sides } = far;
  return {
    DATA_DIR: folder,
    ...(databaseUrl === undefined ? {} : { DATABASE_URL: sides.through("database", databaseUrl) }),
    ...(storage ? storageEnvironment(sides.through("storage", `${storage.endpoint}/`)) : {}),
    DISCORD_TOKEN: discord.token,
    DISCORD_API_URL: discord.url,
    TOKENHUB_API_KEY: service.apiKey,
    TOKENHUB_BASE_URL: sides.through("service", service.baseUrl),
    TRUSTED_ORIGINS: service.fileOrigin,
    TOKENHUB_CONCURRENCY: "100", // jobs of dead processes count as running until their leases run out
    TOKENHUB_TIMEOUT_MS: "15000", // after it, what a call left half done is looked for
    PLAYGROUND: "on",
    USER_DAILY_CREDITS: "100000000",
    USER_RUNNING: "20",
    USER_QUEUED: "1000",
    USER_UNPAID: "10000", // every death may leave an unknown outcome
    NODE_COMPILE_CACHE: path.join(folder, "compiled"), // a start in half the time
  };
}

function storageEnvironment(endpoint: string): Record<string, string> {
  return {
    SPOOL_URL: `s3://pictures?endpoint=${new URL(endpoint).origin}`,
    SPOOL_ACCESS_KEY_ID: fakeS3Credentials.accessKeyId,
    SPOOL_SECRET_ACCESS_KEY: fakeS3Credentials.secretAccessKey,
  };
}

/** Whether a call is billed does not depend on what becomes of its answer. */
function answer(random: Random): FakeAnswer {
  if (random.next() >= faultChance) {
    return { kind: random.next() < slowChance ? "hang" : random.pick(["data-uri", "b64", "url"] as const) };
  }
  const billed = random.next() < 0.5;
  return random.pick<FakeAnswer>([
    { kind: "error", status: 500 },
    {
      kind: "error",
      status: 429,
      headers: { "retry-after": "1" },
      body: { error: { code: "rate_limit", message: "slow" } },
    },
    { kind: "html", status: 502, billed },
    { kind: "html", status: 524, billed },
    { kind: "before-headers", billed },
    { kind: "mid-body", billed },
    { kind: "malformed", billed: true },
    { kind: "empty" },
  ]);
}

function discordFault(random: Random): Parameters<FakeDiscord["fail"]>[0] {
  const [method, pathOf] = random.pick([
    ["POST", /^\/channels\/\d+\/messages$/],
    ["PATCH", /^\/webhooks\//],
    ["POST", /^\/interactions\//],
  ] as const);
  const status = random.pick([500, 502, "drop"] as const);
  return { method, path: pathOf, status, afterStoring: random.next() < 0.5 };
}
