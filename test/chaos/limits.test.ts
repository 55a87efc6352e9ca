import { afterEach, describe, expect, inject, test } from "vitest";
import type { ChaosBot } from "../support/chaos/bot.ts";
import { randomFrom } from "../support/chaos/random.ts";
import { openStage, type Stage } from "./stage.ts";

/** Limits that hold over several real processes, asked all at once. */
let stage: Stage;
afterEach(() => stage.close());

async function start(engine: Stage["engine"], processes: number, environment: Readonly<Record<string, string>>) {
  stage = await openStage({ engine, server: { url: inject("postgresUrl") }, random: randomFrom(1), holding: true });
  const bots = Array.from({ length: processes }, () => stage.start(environment));
  const urls = await Promise.all(bots.map(({ ready }) => ready));
  expect(urls).not.toContain(undefined);
  return bots;
}

async function order(url: string, key: string): Promise<"taken" | "refused"> {
  const form = new FormData();
  form.append("prompt", `order ${key}`);
  const headers = { "idempotency-key": `key-${key.padStart(8, "0")}`, origin: url };
  const response = await fetch(`${url}/api/commands/imagine`, { method: "POST", body: form, headers });
  return "job" in ((await response.json()) as object) ? "taken" : "refused";
}

describe.each([
  ["sqlite", 1],
  ["postgres", 3],
] as const)("on %s, with %i processes", (engine, processes) => {
  test("of 200 simultaneous commands with a balance for one, exactly one is accepted", async () => {
    const bots = await start(engine, processes, { USER_DAILY_CREDITS: "125", ROLES: "gateway,web" });
    const url = (index: number) => bots[index % bots.length]?.url ?? "";
    const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => order(url(i), String(i))));
    expect(answers.filter((answer) => answer === "taken")).toHaveLength(1);
    expect(answers.filter((answer) => answer === "refused")).toHaveLength(199);
  }, 60_000);
});

test("three processes never pass the limits of a service, of a member, and of everybody's day", async () => {
  const perService = 4;
  const affordable = 10;
  const bots: ChaosBot[] = await start("postgres", 3, {
    TOKENHUB_CONCURRENCY: String(perService),
    USER_RUNNING: "1",
    GLOBAL_DAILY_CREDITS: String(125 * affordable),
    TOKENHUB_TIMEOUT_MS: "60000", // a call that hangs must not be given up: its member's next one would look like too many
  });
  const { discord, service } = stage;
  service.answerNext(...Array.from({ length: 30 }, () => ({ kind: "hang" }) as const));
  // Two of each at most: whichever of them are accepted, turns leave enough members to fill the service each time.
  const members = Array.from({ length: 12 }, (_, i) => discord.user(`member-${i}`));
  for (const member of members) {
    for (let i = 0; i < 2; i++) discord.command(member, "imagine", { prompt: `${member.name}: ${i}` });
  }
  const accepted = () => bots.flatMap(({ lines }) => lines.filter(({ msg }) => msg === "job accepted")).length;
  let answered = 0;
  while (service.requests.length < affordable) {
    await service.arrived(service.requests.length + 1);
    const open = service.requests.slice(answered).map(({ fields }) => String(fields.prompt).split(":")[0]);
    expect(open.length).toBeLessThanOrEqual(perService);
    expect(new Set(open).size).toBe(open.length);
    if (open.length < Math.min(perService, affordable - answered)) continue;
    while (accepted() < affordable) await new Promise(setImmediate); // a member who comes last might have both jobs left
    answered = service.requests.length;
    service.release();
  }
  service.release();
  await discord.until(() => discord.messages(discord.general).length === affordable, "every result that was paid for");
  expect(accepted()).toBe(affordable);
  expect(service.charged).toBe(125 * affordable);
}, 60_000);
