import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "vitest";
import { runAtelier } from "./atelier.ts";
import { startPacedBot } from "./chaos/bot.ts";
import { startFakeTokenHub } from "./services/tokenhub.ts";
import { openTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

/** A platform's double, reached by a line that can be cut. */
export interface Vanishing {
  readonly name: "discord" | "slack";
  readonly url: string;
  /** Lets the double name the line's address to the bot; gives the bot's variables. */
  connect(line: TcpProxy): Readonly<Record<string, string>>;
  /** The platform's own clock, if it has one. */
  advance?(ms: number): void;
  /** A member asks for an image. */
  ask(prompt: string, at: number): unknown;
  /** How many images are posted. */
  posted(): number;
  close(): Promise<unknown>;
}

export const prompts: readonly string[] = ["one", "two", "three", "four", "five"];
const minute = 60_000;

export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await delay(20);
}

/** The real program with a clock of its own, which goes on over its deaths. */
function startProgram(environment: Readonly<Record<string, string>>) {
  let bot = startPacedBot(environment);
  /** The bot's clock is so far before this machine's. */
  let aheadMs = 0;
  const lines = (words: string) => bot.lines.filter(({ msg }) => msg.startsWith(words));

  async function end(signal: "SIGKILL" | "SIGTERM"): Promise<string> {
    bot.kill(signal);
    return bot.ended;
  }

  return {
    ...{ lines, end },
    said: (words: string) => lines(words).length,
    /** Asks what the bot says of itself. */
    truth: () => truthAt(String(lines("Atelier has started")[0]?.address)),
    ready: () => bot.ready,
    async advance(ms: number): Promise<void> {
      aheadMs += ms;
      await bot.advance(ms);
    },
    async dieAndStart(): Promise<void> {
      await end("SIGKILL");
      bot = startPacedBot(environment, aheadMs);
      await until(() => lines("Atelier has started").length === 1);
    },
  };
}

/** The program, its service, and a platform that vanishes for minutes of the program's clock. */
export async function openOutage(platform: Vanishing) {
  const folder = mkdtempSync(path.join(tmpdir(), "atelier-outage-"));
  const service = await startFakeTokenHub();
  const line = await openTcpProxy(platform.url);
  const environment = {
    DATA_DIR: folder,
    ...platform.connect(line),
    ...{ TOKENHUB_API_KEY: service.apiKey, TOKENHUB_BASE_URL: service.baseUrl, TOKENHUB_CONCURRENCY: "3" },
  };
  const program = startProgram(environment);
  const made: unknown[] = [];
  const comeInOrder = () => made.push(...program.lines("images received").map(({ job }) => job));
  return {
    ...program,
    ...{ platform, line, service, comeInOrder },
    /** Holds the jobs in the order in which their images came, over all processes. */
    made,
    async pass(ms: number): Promise<void> {
      await program.advance(ms);
      platform.advance?.(ms);
    },
    async dieAndStart(): Promise<void> {
      comeInOrder();
      await program.dieAndStart();
    },
    async stopsAndAudits(): Promise<void> {
      expect(await program.end("SIGTERM")).toBe("exit 0");
      expect(await runAtelier(["--audit"], environment)).toMatchObject({ code: 0 });
    },
    async close(): Promise<void> {
      await program.end("SIGKILL");
      await Promise.all([line.close(), service.close(), platform.close()]);
      rmSync(folder, { recursive: true });
    },
  };
}

type Outage = Awaited<ReturnType<typeof openOutage>>;

/** Three are being drawn, and two wait for their turn. */
export async function askForFive({ platform, service, said, truth, ready }: Outage): Promise<void> {
  await ready();
  await until(async () => (await truth()).checks[platform.name] === true);
  service.answerNext(...prompts.map(() => ({ kind: "hang" as const })));
  for (const [at, prompt] of prompts.entries()) {
    await platform.ask(prompt, at);
    await until(() => said("job accepted") === at + 1);
  }
  await service.arrived(3);
}

/** It is told as it is at each moment of ten minutes; nobody is served meanwhile, and nothing more is paid for. */
export async function tenMinutesAway({ platform, service, said, pass, truth, dieAndStart }: Outage): Promise<void> {
  let unnoticedMs = 0;
  for (; said("platform out of reach") === 0; unnoticedMs += 5000) await pass(5000);
  expect(unnoticedMs).toBeLessThanOrEqual(30_000);
  service.release();
  await until(() => said("images received") === 3);
  for (let passed = 0; passed < 10; passed += 1) {
    await pass(minute);
    const checks = { database: true, disk: true, [platform.name]: false };
    expect(await truth()).toEqual({
      ...{ checks, metrics: checks },
      jobs: ['atelier_jobs{state="delivering"} 3', 'atelier_jobs{state="queued"} 2'],
    });
    if (passed === 4) await dieAndStart();
  }
  expect([service.requests.length, platform.posted()]).toEqual([3, 0]);
}

/** Each image is paid for and posted once. */
export async function allOfItComes({ platform, service, said, pass, truth, comeInOrder }: Outage): Promise<void> {
  await until(async () => {
    service.release();
    await pass(5000);
    return platform.posted() === prompts.length;
  });
  await until(async () => (await truth()).checks[platform.name] === true);
  comeInOrder();
  expect(said("platform in reach again")).toBeGreaterThan(0); // a quickened clock has little patience
  expect(new Set(service.requests.map(({ fields }) => fields.prompt))).toEqual(new Set(prompts));
  expect(service.requests).toHaveLength(prompts.length);
  await pass(minute);
  await until(async () => (await truth()).jobs.length === 0);
}

/** Each check by page, the same by metric, and the jobs that it has by state. */
async function truthAt(address: string) {
  const checks = await checksAt(address);
  const page = await (await fetch(`${address}/metrics`)).text();
  const samples = page.split("\n").filter((sample) => /^atelier_(ready|jobs)\{/.test(sample));
  const gauge = samples.flatMap((sample) => {
    const [, check, value] = /^atelier_ready\{check="(\w+)"\} (\d)$/.exec(sample) ?? [];
    return check ? [[check, value === "1"] as const] : [];
  });
  const jobs = samples.filter((sample) => sample.includes("_jobs{") && !sample.endsWith(" 0"));
  return { checks, metrics: Object.fromEntries(gauge), jobs };
}

async function checksAt(address: string): Promise<Record<string, boolean>> {
  const answer = await fetch(`${address}/readyz`);
  const { ready, checks } = (await answer.json()) as { ready: boolean; checks: Record<string, boolean> };
  expect([ready, answer.status]).toEqual(Object.values(checks).includes(false) ? [false, 503] : [true, 200]);
  return checks;
}
