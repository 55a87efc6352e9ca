import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createMetrics } from "../../src/server/metrics.ts";

/** A page of metrics on which everything that can happen has happened. */
async function fullPage(): Promise<string> {
  const { observer, text, tellReadiness } = createMetrics({
    known: { providers: [], platforms: [] },
    resting: async () => ({ openai: false }),
    modelEnds: () => ({ openai: { model: "gpt-image-1.5", endsAt: 1_796_083_200_000 } }),
    paused: async () => false,
    draws: async () => true,
    jobsByState: async () => ({ queued: 1 }),
    balances: async () => ({ openai: { amount: 1, unit: "USD", low: false } }),
    accounts: async () => ({ "ops:revenue": 1 }),
    spool: async () => ({ files: 1, bytes: 1 }),
    diskFree: async () => 1,
  });
  tellReadiness(async () => ({ database: true }));
  observer.callEnded({ provider: "openai", outcome: "success", ms: 1 });
  observer.jobEnded({ platform: "web", state: "delivered", waitedMs: 1, charged: 1 });
  observer.unknown({ provider: "openai", estimate: 1, remarkable: true });
  observer.cameLate({ provider: "openai", goodwill: 1 });
  observer.budgetLow({ scope: "tenant" });
  observer.acknowledged({ platform: "web", ms: 1 });
  observer.unacknowledged?.({ platform: "discord", code: 10062 });
  return text();
}

/** Names of metrics in a query, without functions, labels, words and Grafana's variables. */
function metricsIn(query: string): string[] {
  return [...query.matchAll(/\b(atelier|nodejs|process)_[a-z0-9_]+/g)].map(([name]) => name);
}

/** `metric` with the labels that a query asks of it, by matcher or by `by (...)`. */
function labelsIn(query: string): string[] {
  const matchers = [...query.matchAll(/\{([^}]*)\}/g)].flatMap(([, inside = ""]) =>
    [...inside.matchAll(/(\w+)\s*(?:=~|!=|=)/g)].map(([, name = ""]) => name),
  );
  const groups = [...query.matchAll(/by \(([^)]*)\)/g)].flatMap(([, inside = ""]) => inside.split(/,\s*/));
  return [...matchers, ...groups].filter((name) => !["le", "job", "instance"].includes(name));
}

const board = JSON.parse(readFileSync("docs/operate/grafana.json", "utf8")) as {
  panels: { title: string; targets?: { expr: string }[] }[];
};
const alerts = readFileSync("docs/operate/alerts.yaml", "utf8");
const boardQueries = board.panels.flatMap(({ targets }) => (targets ?? []).map(({ expr }) => expr));
const alertQueries = [...alerts.matchAll(/expr: (?:>-\n)?([\s\S]*?)\n {8}(?:for|labels):/g)].map(
  ([, query = ""]) => query,
);

test("every alert has a query, a severity and a sentence", () => {
  const names = alerts.match(/- alert: \w+/g) ?? [];
  expect(alertQueries).toHaveLength(names.length);
  expect(alerts.match(/severity: (info|warning|critical)/g)).toHaveLength(names.length);
  expect(alerts.match(/summary: "/g)).toHaveLength(names.length);
});

test("every alert is tried once firing and once silent (`promtool test rules`)", () => {
  const tried = readFileSync("docs/operate/alerts.test.yaml", "utf8");
  for (const [, name = ""] of alerts.matchAll(/- alert: (\w+)/g)) {
    expect(tried).toContain(`- name: ${name} fires\n`);
    expect(tried).toContain(`- name: ${name} is silent\n`);
  }
});

test.each([...boardQueries, ...alertQueries.filter((query) => !query.startsWith("up{"))])(
  "the bot tells every metric and label of %s",
  async (query) => {
    const page = await fullPage();
    const names = metricsIn(query);
    expect(names).not.toEqual([]);
    for (const name of names) expect(page).toMatch(new RegExp(`^${name}[{ ]`, "m"));
    const lines = page.split("\n").filter((line) => names.some((name) => line.startsWith(name)));
    for (const label of labelsIn(query)) expect(lines.some((line) => line.includes(`${label}="`))).toBe(true);
  },
);

test("every metric of the bot's own is on the board", async () => {
  const own = [...(await fullPage()).matchAll(/^# TYPE (atelier_\w+)/gm)].map(([, name = ""]) => name);
  const shown = boardQueries.join("\n");
  expect(own.filter((name) => !shown.includes(name))).toEqual([]);
});
