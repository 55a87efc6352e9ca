import { describe, expect, it } from "vitest";
import { commands } from "../../commands/index.ts";
import { type AnyCommand, starterIn } from "../../src/command/command.ts";
import type { Reply } from "../../src/command/reply.ts";
import { openRules } from "../../src/contract/settings.ts";
import type { Caller, Confirmation, TenantRules, UseCases } from "../../src/contract/usecases.ts";
import { textFor } from "../../src/text/text.ts";

const caller: Caller = {
  platform: "test",
  tenant: "guild",
  member: "member-1",
  name: "Ada",
  locale: "en",
  replyTarget: "{}",
  inbound: "event-1",
};

/** Runs a command over use cases of which only the named ones exist; any other call fails the test. */
function run(name: string, usecases: object, answers: object = {}, by: Caller = caller): Promise<Reply> {
  const command = commands.find((each) => each.name === name) as AnyCommand;
  return command.run({ answers, caller: by, usecases: usecases as UseCases, text: textFor("en") });
}

/** Use cases whose door makes a job of every order, which tells what was ordered. */
const made = { submit: async (order: object) => ({ kind: "job", job: { id: "new", order } }) };
const view = (id: string, images: number) => ({ id, images: Array.from({ length: images }, () => ({})) });

describe("the list of commands", () => {
  it("has every name once", () => {
    const names = commands.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  it("names a command of a group after its group", () => {
    for (const { name, group } of commands) if (group) expect(name.startsWith(`${group.name}-`)).toBe(true);
  });

  it("shows what is for admins to admins only", async () => {
    const listed = async (by: Caller) => {
      const reply = await run("help", {}, {}, by);
      return reply.kind === "card" ? (reply.card.rows ?? []).map(({ label }) => label) : [];
    };
    expect(await listed(caller)).toContain("/imagine");
    expect(await listed(caller)).not.toContain("/admin grant");
    expect(await listed({ ...caller, rights: "admin" })).toContain("/admin grant");
  });

  it("leads from every button of a card to a command that exists", async () => {
    const names = commands.map(({ name }) => name);
    const cards = textFor("en").cards;
    const quote = { provider: "p", unit: 50, total: 600, changes: [], available: 900, after: 300, confirm: true };
    const request = { prompt: "a fox", size: "auto" } as Confirmation["request"];
    const buttons = [
      ...(textFor("en").confirmation({ id: "q1", request, quote }).buttons ?? []),
      ...(cards.deleteData().buttons ?? []),
      ...(textFor("en").admin.unknown([{ attempt: "a", job: "j", provider: "p", tenant: "t", sentAt: 0, estimate: 1 }])
        .buttons ?? []),
    ];
    expect(buttons).toHaveLength(5);
    for (const { command } of buttons) expect(names).toContain(command);
  });
});

describe("what costs more than its member spends without being asked", () => {
  const quote = { provider: "p", unit: 50, total: 600, changes: [], available: 900, after: 300, confirm: true };
  const request = { prompt: "a fox", count: 2, size: "auto", quality: "high", format: "png" };
  const of = { job: "j1", index: 2 };
  const draft = { prompt: "a fox" };

  it.each([
    ["imagine", draft, { kind: "draft", draft }],
    ["edit", { ...draft, job: of }, { kind: "edit", of, draft: { ...draft, job: of } }],
    ["edit", { ...draft, images: [{}] }, { kind: "draft", draft: { ...draft, images: [{}] } }],
    ["again", { job: of }, { kind: "again", of }],
    ["vary", { job: of }, { kind: "vary", of }],
    ["upscale", { job: of }, { kind: "upscale", of }],
    ["final", { job: of }, { kind: "final", of }],
  ])("is not made by %s, but asked about with a yes for its price and a no", async (name, answers, order) => {
    const orders: unknown[] = [];
    const submit = async (ordered: unknown) => {
      orders.push(ordered);
      return { kind: "confirmation", confirmation: { id: "q1", request, quote } };
    };
    const reply = await run(name, { submit }, answers);
    expect(orders).toEqual([order]);
    const { title, paragraphs, buttons } = reply.kind === "card" ? reply.card : expect.fail(reply.kind);
    expect(title).toContain("600 credits");
    expect(paragraphs.join("\n")).toMatch(/a fox\n2 images · .*high.*\nYou have 900; 300 would be left/);
    expect(buttons).toMatchObject([
      { command: "accept", job: "q1", label: "Yes, for at most 600 credits" },
      { command: "decline", job: "q1", label: "No" },
    ]);
  });

  it("is submitted as the platform says: with a price that was seen, and with its announcement", async () => {
    const command = commands.find(({ name }) => name === "imagine") as AnyCommand;
    const submission = { confirmed: true, announce: async () => "{}" };
    const submit = async (...[, , options]: Parameters<UseCases["submit"]>) => ({ kind: "job", job: { options } });
    const usecases = { submit } as unknown as UseCases;
    const reply = await command.run({ answers: draft, caller, usecases, text: textFor("en"), submission });
    expect(reply).toEqual({ kind: "job", job: { options: submission } });
  });

  it("is made by yes, and not by no", async () => {
    const said: string[] = [];
    const usecases = { ...made, reject: async (id: string) => void said.push(id) };
    const answers = { job: { job: "q1" } };
    const order = { kind: "confirmation", id: "q1" };
    expect(await run("accept", usecases, answers)).toEqual({ kind: "job", job: { id: "new", order } });
    expect(await run("decline", usecases, answers)).toMatchObject({
      kind: "card",
      card: { title: "Nothing was made" },
    });
    expect(said).toEqual(["q1"]);
  });
});

describe("edit", () => {
  it("changes the member's latest result when no image is given", async () => {
    const usecases = { ...made, history: async () => [view("failed", 0), view("made", 2)] };
    const order = { kind: "edit", of: { job: "made" }, draft: { prompt: "darker" } };
    expect(await run("edit", usecases, { prompt: "darker" })).toMatchObject({ kind: "job", job: { order } });
  });

  it("says that there is nothing to change for who has made nothing", async () => {
    await expect(run("edit", { history: async () => [] }, { prompt: "darker" })).rejects.toMatchObject({
      code: "job-has-no-images",
    });
  });
});

describe("what platforms are told of commands", () => {
  const named = (fits: (command: AnyCommand) => unknown) => commands.filter(fits).map(({ name }) => name);

  it("is how they start a job", () => {
    expect(starterIn(commands, "from-words")?.name).toBe("imagine");
    expect(starterIn(commands, "from-images")?.name).toBe("edit");
    const repeated = ["again", "vary", "upscale", "final", "accept", "as-written", "batch-again"];
    expect(named(({ startsJob }) => startsJob === "as-it-stands")).toEqual(repeated);
    expect(starterIn([], "from-words")).toBeUndefined();
  });

  it("is which stop a job, answer a question, or delete", () => {
    expect(named(({ stopsJob }) => stopsJob)).toEqual(["cancel"]);
    expect(named(({ answersConfirmation }) => answersConfirmation)).toEqual([
      "accept",
      "as-written",
      "decline",
      "privacy-delete-now",
    ]);
    expect(named(({ destructive }) => destructive)).toEqual(["batch-remove", "remove", "privacy-delete-now"]);
  });

  it("is what they show", () => {
    expect(named(({ shows }) => shows)).toEqual(["history", "show", "settings", "help"]);
  });
});

describe("settings", () => {
  const changed: object[] = [];
  const usecases = {
    settings: async () => ({ size: "2K" }),
    changeSettings: async (change: object) => {
      changed.push(change);
      return change;
    },
  };

  it("shows them, and changes only what is given", async () => {
    await run("settings", usecases);
    expect(changed).toEqual([]);
    await run("settings", usecases, { quality: "high", confirm: 100 });
    expect(changed.pop()).toEqual({ quality: "high", confirmAbove: 100 });
  });

  it("unsets all but what is given when they are reset", async () => {
    await run("settings", usecases, { reset: true, size: "4K" });
    expect(changed.pop()).toEqual({
      size: "4K",
      quality: undefined,
      count: undefined,
      format: undefined,
      provider: undefined,
      private: undefined,
      confirmAbove: undefined,
    });
  });
});

describe("admin rules", () => {
  const rules: TenantRules = { ...openRules, channels: ["1", "2"], blockedWords: ["gore"], defaults: { size: "2K" } };
  const changes: Partial<TenantRules>[] = [];
  const usecases = {
    admin: {
      rules: async () => rules,
      changeRules: async (change: (before: TenantRules) => Partial<TenantRules>) => {
        changes.push(change(rules));
        return { ...rules, ...changes.at(-1) };
      },
    },
  };

  it("change nothing when nothing is given", async () => {
    await run("admin-rules", usecases);
    expect(changes).toEqual([]);
  });

  it("add to lists and take from them, and keep what is not named", async () => {
    const answers = {
      "allow-channel": "3",
      "remove-channel": "1",
      "unblock-word": "gore",
      quality: "low",
      mature: true,
    };
    await run("admin-rules", usecases, answers);
    expect(changes.pop()).toEqual({
      channels: ["2", "3"],
      blockedWords: [],
      defaults: { size: "2K", quality: "low" },
      mature: true,
    });
  });

  it("set every option of a request where members say nothing, and say so in both languages", async () => {
    const options = { format: "webp", background: "transparent", compression: 80, fidelity: "high", count: 2 };
    await run("admin-rules", usecases, options);
    expect(changes.pop()).toEqual({ defaults: { size: "2K", ...options } });
    const shown = { ...openRules, defaults: options };
    const inEnglish = JSON.stringify(textFor("en").admin.rules(shown));
    expect(inEnglish).toContain("x2, webp, background transparent, compression 80, fidelity high");
    const inChinese = JSON.stringify(textFor("zh-CN").admin.rules(shown));
    expect(inChinese).toContain("x2、webp、背景 transparent、压缩 80、保真度 high");
  });
});

describe("settling a call of unknown outcome", () => {
  it("settles the call of that job, and shows what is left", async () => {
    const open = [
      { attempt: "a1", job: "j1" },
      { attempt: "a2", job: "j2" },
    ].map((each) => ({
      ...each,
      provider: "p",
      tenant: "t",
      sentAt: 0,
      estimate: 1,
    }));
    const settled: unknown[] = [];
    const admin = {
      unknown: async () => open.filter(({ attempt }) => !settled.includes(attempt)),
      settle: async (attempt: string, billed: boolean) => void settled.push(attempt, billed),
    };
    const reply = await run("admin-settle-billed", { admin }, { job: { job: "j2" } });
    expect(settled).toEqual(["a2", true]);
    expect(reply.kind === "card" && reply.card.title).toBe("1 call of unknown outcome");
    await expect(run("admin-settle-billed", { admin }, { job: { job: "j2" } })).rejects.toMatchObject({
      code: "attempt-unknown",
    });
  });
});

describe("limits", () => {
  const set: unknown[] = [];
  const admin = {
    limit: async (change: object) => void set.push(change),
    rules: async () => ({ memberDaily: 300 }),
    members: async () => [
      { member: "discord:77", memberDaily: 1 },
      { member: "discord:7", memberDaily: 50 },
    ],
    budget: async (monthly: number | null) => ({ spent: 10, limit: monthly ?? undefined }),
    usage: async () => ({ month: { spent: 10, limit: 900 } }),
  };
  const shown = async (name: string, answers: object) => {
    const reply = await run(name, { admin }, answers);
    return reply.kind === "card" ? reply.card.paragraphs.join(" ") : "";
  };

  it("are shown, and stay, when no number is given", async () => {
    expect(await shown("admin-limit", {})).toContain("300 credits");
    expect(await shown("admin-limit", { member: "discord:7" })).toContain("50 credits");
    expect(await shown("admin-budget", {})).toContain("900 credits");
    expect(set).toEqual([]);
  });

  it("are taken away only when that is said", async () => {
    await shown("admin-limit", { unlimited: true });
    expect(set.pop()).toEqual({ member: undefined, daily: null });
    expect(await shown("admin-budget", { unlimited: true })).toContain("without a limit");
  });
});
