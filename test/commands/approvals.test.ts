import { expect, test } from "vitest";
import { commands } from "../../commands/index.ts";
import type { AnyCommand } from "../../src/command/command.ts";
import type { ApprovalView, Caller, JobView, UseCases } from "../../src/contract/usecases.ts";
import { textFor } from "../../src/text/text.ts";

const caller: Caller = {
  ...{ platform: "test", tenant: "guild", member: "member-1", name: "Ada" },
  ...{ locale: "en", replyTarget: "{}", inbound: "event-1" },
};

/** Runs a command over use cases of which only the named ones exist; gives the card as one text. */
async function shown(name: string, usecases: object, answers: object = {}, locale = "en"): Promise<string> {
  const command = commands.find((each) => each.name === name) as AnyCommand;
  const reply = await command.run({ answers, caller, usecases: usecases as UseCases, text: textFor(locale) });
  return JSON.stringify(reply);
}

const request = { prompt: "a red bicycle", count: 2, quality: "high", private: false };
const job = { id: "job1", memberName: "Ben", held: 500, provider: "TokenHub", request } as JobView;
const open: ApprovalView = { job, above: 400, expiresAt: Date.UTC(2026, 11, 1) };

/** Use cases that remember the changes of the rule. */
function ruling() {
  const changes: unknown[] = [];
  const rule = { above: 400, channel: "5", locale: "en", approvers: ["discord:7"], own: false };
  const approvals = { rule: async (change: unknown) => changes.push(change) && { rule, closed: "gone" } };
  return { changes, usecases: { approvals } };
}

test("/admin approval shows the rule, and that its channel is closed, where nothing is answered", async () => {
  const { changes, usecases } = ruling();
  const card = await shown("admin-approval", usecases);
  expect(card).toContain("Orders above 400 credits need approval");
  expect(card).toContain("The last question could not be posted there");
  expect(changes).toEqual([undefined]);
});

test("/admin approval changes what is answered, and leaves the rest", async () => {
  const { changes, usecases } = ruling();
  await shown("admin-approval", usecases, { above: 500, role: "guild/role:1", member: "discord:7" });
  await shown("admin-approval", usecases, { "remove-role": "guild/role:1", own: true });
  await shown("admin-approval", usecases, { off: true });
  expect(changes).toMatchObject([
    { above: 500, add: ["guild/role:1", "discord:7"], remove: [] },
    { above: undefined, add: [], remove: ["guild/role:1"], own: true },
    { above: null },
  ]);
});

test("/approvals lists what is open with a button for each answer", async () => {
  const approvals = { open: async () => [open] };
  const card = await shown("approvals", { approvals });
  expect(card).toMatch(/Ben · at most 500 credits.*a red bicycle.*"approve","job":"job1".*"refuse","job":"job1"/);
  expect(await shown("approvals", { approvals }, {}, "zh-CN")).toContain("批准 1");
  expect(await shown("approvals", { approvals: { open: async () => [] } })).toContain("Nothing waits for approval");
});

test.each([
  ["approve", true, "approved", "You approved it"],
  ["refuse", false, "refused", "You did not approve it"],
] as const)("%s answers the question that its button stands on", async (name, answer, decision, words) => {
  const decided: unknown[] = [];
  const decide = async (...given: unknown[]) => decided.push(given) && { ...open, decision };
  expect(await shown(name, { approvals: { decide } }, { job: { job: "job1" } })).toContain(words);
  expect(decided).toEqual([["job1", answer, caller]]);
});

test("/admin alerts shows, names and gives up the channel", async () => {
  const named: unknown[] = [];
  const alerts = async (channel: unknown) => {
    named.push(channel);
    return channel === null ? {} : { channel: { channel: "5" }, closed: undefined };
  };
  expect(await shown("admin-alerts", { admin: { alerts } })).toContain("weekly digest are posted");
  expect(await shown("admin-alerts", { admin: { alerts } }, { channel: "5" })).toContain('"value":"5"');
  expect(await shown("admin-alerts", { admin: { alerts } }, { off: true })).toContain("No alerts are posted here");
  expect(named).toEqual([undefined, "5", null]);
});
