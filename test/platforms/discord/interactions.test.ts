import { expect, test } from "vitest";
import { Refusal } from "../../../src/errors.ts";
import { buttonsOf } from "../../support/discord/member.ts";
import { finishedJob } from "./finished.ts";
import { openRoom } from "./test-platform.ts";

test("acknowledges before anything else is awaited, and shows the job's card privately", async () => {
  const { discord, usecases, reads, acks } = await openRoom();
  let goOn: (value?: unknown) => void = () => undefined;
  usecases.slow = new Promise((resolve) => {
    goOn = resolve;
  });
  const asked = discord.command(discord.user("ana"), "imagine", { prompt: "a red bicycle", count: 2 });
  await discord.until(() => asked.ackMs !== undefined, "the acknowledgement");
  expect(asked.reply).toMatchObject({ thinking: true, ephemeral: true });
  expect(usecases.asked).toEqual([]);
  goOn();
  expect(await reads(asked, "Waiting")).toContain("number 2 in the queue");
  expect(buttonsOf(asked.reply as never)).toMatchObject([{ label: "Cancel", custom_id: "cancel:job1" }]);
  expect(acks).toEqual([0]);
  expect(discord.violations).toEqual([]);
});

test("gives the use case every answer, and files as names with addresses", async () => {
  const { discord, usecases, reads } = await openRoom();
  const file = (name: string) => ({ name, bytes: Buffer.from(name) });
  const values = { prompt: "blend", size: "2k 16:9", quality: "high", count: 3, format: "webp", private: true };
  const files = { image: file("a.png"), image3: file("c.png"), mask: file("m.png") };
  await reads(discord.command(discord.user("ana"), "imagine", { ...values, ...files }), "Waiting");
  const { images, mask, ...rest } = usecases.asked[0]?.draft ?? { prompt: "" };
  expect(rest).toEqual(values);
  expect(images?.map(({ filename }) => filename)).toEqual(["a.png", "c.png"]);
  expect(mask?.filename).toBe("m.png");
  const source = images?.[1]?.source;
  expect(await (await fetch(source && "url" in source ? source.url : "")).text()).toBe("c.png");
});

test("leaves undefined what was not answered", async () => {
  const { discord, usecases, reads } = await openRoom();
  await reads(discord.command(discord.user("ana"), "imagine", { prompt: "a" }), "Waiting");
  expect(JSON.parse(JSON.stringify(usecases.asked[0]?.draft))).toEqual({ prompt: "a" });
});

test("knows who asks from where: a server, direct messages, a group chat", async () => {
  const { discord, usecases, reads } = await openRoom();
  const ana = discord.user("ana");
  const places = [discord.general, discord.direct(ana), discord.channel(), discord.channel(discord.guild(false))];
  for (const channel of places) await reads(discord.command(ana, "imagine", { prompt: "a" }, { channel }), "Waiting");
  const callers = usecases.asked.map(({ caller }) => caller);
  const dm = `discord:dm:${ana.id}`;
  const guilds = places.map(({ guild }) => (guild ? `discord:guild:${guild.id}` : dm));
  expect(callers.map(({ tenant }) => tenant)).toEqual(guilds);
  expect(callers.map(({ replyTarget: place }) => JSON.parse(place).resident)).toEqual([true, true, false, false]);
  expect(callers[0]).toMatchObject({ platform: "discord", member: `discord:${ana.id}`, name: "ana", locale: "en-US" });
  expect(new Set(callers.map(({ inbound }) => inbound)).size).toBe(4);
});

test("shows a card to the caller alone, in the caller's language", async () => {
  const { discord, reads } = await openRoom();
  const asked = discord.command(discord.user("ana"), "credits", {}, { locale: "zh-CN" });
  expect(await reads(asked, "可用")).toContain("750 点");
  expect(asked.reply).toMatchObject({ ephemeral: true, thinking: false });
});

test("says a refusal in one private sentence", async () => {
  const { discord, usecases, reads } = await openRoom();
  usecases.refuses = new Refusal("count-out-of-range", { count: 11, max: 10 });
  const asked = discord.command(discord.user("ana"), "imagine", { prompt: "a" });
  expect(await reads(asked, "Not possible")).toContain("11 images are not possible: ask for 1 to 10.");
});

test("keeps what a member wrote harmless when a refusal repeats it", async () => {
  const { discord, usecases, reads } = await openRoom();
  usecases.refuses = new Refusal("size-unknown", { size: "@everyone **[x](http://evil)** <@&1>" });
  const words = await reads(discord.command(discord.user("ana"), "imagine", { prompt: "a" }), "Not possible");
  expect(words).toContain("\\@everyone \\*\\*\\[x\\](http\\://evil)\\*\\* \\<\\@&1\\>");
  expect(discord.violations).toEqual([]);
});

test("apologises once for a bug, with the reference that the log holds", async () => {
  const { discord, usecases, reads, log } = await openRoom();
  usecases.refuses = new TypeError("undefined is not a function");
  const words = await reads(discord.command(discord.user("ana"), "credits"), "Something went wrong");
  const bug = log.lines.find(({ level }) => level === "error")?.facts as { reference: string; reason: string };
  expect(words).toContain(bug.reference);
  expect(bug.reason).toContain("undefined is not a function");
  expect(words).not.toContain("undefined is not");
});

test("starts nothing when Discord has given up waiting", async () => {
  const { discord, usecases, log, acks, missed } = await openRoom();
  discord.command(discord.user("ana"), "imagine", { prompt: "a" }, { ageMs: 4000 });
  await discord.until(() => log.lines.some(({ facts }) => "code" in facts && facts.code === 10062), "the log line");
  expect(usecases.asked).toEqual([]);
  expect(acks).toEqual([]);
  expect(missed).toEqual([10062]);
});

test("makes one job when two processes get the same event", async () => {
  const { discord, usecases, log, another, reads, missed } = await openRoom();
  await another().start();
  const asked = discord.command(discord.user("ana"), "imagine", { prompt: "a" });
  await reads(asked, "Waiting");
  await discord.until(() => log.lines.some(({ facts }) => "code" in facts && facts.code === 40060), "the log line");
  expect(usecases.asked).toHaveLength(1);
  expect(missed).toEqual([40060]);
  expect(log.lines.filter(({ level }) => level === "error")).toEqual([]);
});

test.each([
  ["was lost on the way back", { status: "drop", afterStoring: true } as const],
  ["met a server in trouble", { status: 503 } as const],
])("goes on after an acknowledgement that %s", async (_, fault) => {
  const { discord, usecases, reads } = await openRoom();
  discord.fail({ method: "POST", path: /callback$/, ...fault });
  await reads(discord.command(discord.user("ana"), "imagine", { prompt: "a" }), "Waiting");
  expect(usecases.asked).toHaveLength(1);
});

test("answers even when the first edit of a reply fails", async () => {
  const { discord, reads } = await openRoom();
  discord.fail({ method: "PATCH", path: /@original$/, status: 502 });
  expect(await reads(discord.command(discord.user("ana"), "credits"), "750 credits")).toContain("available");
});

test("replaces the card with the answer to its button", async () => {
  const { discord, usecases, reads } = await openRoom();
  const ana = discord.user("ana");
  const asked = discord.command(ana, "imagine", { prompt: "a" });
  await reads(asked, "Waiting");
  const pressed = discord.press(ana, asked.reply as never, "Cancel");
  await reads(pressed, "Cancelled");
  expect(pressed.reply).toBe(asked.reply);
  expect(buttonsOf(asked.reply as never)).toEqual([]);
  expect(usecases.asked.at(-1)).toMatchObject({ what: "cancel", of: { job: "job1" } });
});

test("puts a refusal beside the card that carries the button", async () => {
  const { discord, usecases, reads } = await openRoom();
  const ana = discord.user("ana");
  const asked = discord.command(ana, "imagine", { prompt: "a" });
  await reads(asked, "Waiting");
  usecases.refuses = new Refusal("too-late-to-cancel", {});
  const pressed = discord.press(ana, asked.reply as never, "Cancel");
  await discord.until(() => pressed.followUps.length === 1, "the refusal");
  expect(pressed.followUps).toMatchObject([
    { ephemeral: true, content: expect.stringContaining("Too late to cancel") },
  ]);
  expect(asked.reply?.content).toContain("Waiting");
});

test("answers a button under a public result with a private card of its own", async () => {
  const room = await openRoom();
  const { delivery } = await finishedJob(room);
  await room.bot.deliver(delivery);
  const [result] = room.discord.messages(room.discord.general);
  const ben = room.discord.user("ben");
  const pressed = room.discord.press(ben, result as never, "Vary");
  await room.reads(pressed, "Waiting");
  expect(pressed.reply).toMatchObject({ ephemeral: true });
  expect(result?.edits).toBe(0);
  const { caller, what, of } = room.usecases.asked.at(-1) ?? {};
  expect([what, of, caller?.member]).toEqual(["vary", { job: "job1", index: 0 }, `discord:${ben.id}`]);
});

test("leaves a private result in place when one of its buttons is pressed", async () => {
  const room = await openRoom();
  const { user, interaction, delivery } = await finishedJob(room, { values: { private: true } });
  await room.bot.deliver(delivery);
  const pressed = room.discord.press(user, interaction.reply as never, "Again");
  await room.reads(pressed, "Waiting");
  expect(pressed.reply).not.toBe(interaction.reply);
  expect(interaction.reply?.attachments).toHaveLength(1);
});

test("opens a form where a button needs words, and runs its command with them", async () => {
  const room = await openRoom();
  const { user, delivery } = await finishedJob(room, { values: { count: 2 }, sizes: [2000, 2000] });
  await room.bot.deliver(delivery);
  const pressed = room.discord.press(user, room.discord.messages(room.discord.general)[0] as never, "Edit 2");
  const form = await room.discord.until(() => pressed.modal, "the form");
  expect(form.title).toBe("Change an image");
  const parts = form.components.map((part) => ("component" in part ? part.component.custom_id : ""));
  expect(parts).toEqual(["prompt", "size", "quality", "count", "images"]);

  const images = [{ name: "hat.png", bytes: Buffer.from("hat") }];
  const values = { prompt: "add a hat", size: "4K 1:1", quality: "low", count: "3", images };
  await room.reads(room.discord.submitModal(user, pressed, values), "Waiting");
  const { what, of, draft } = room.usecases.asked.at(-1) ?? {};
  expect([what, of]).toEqual(["edit", { job: "job1", index: 1 }]);
  expect(draft).toMatchObject({ prompt: "add a hat", size: "4K 1:1", quality: "low", count: 3 });
  expect(draft?.images).toMatchObject([{ filename: "hat.png" }]);
  expect(room.discord.violations).toEqual([]);
});

test("takes a form with nothing but the words", async () => {
  const room = await openRoom();
  const { user, delivery } = await finishedJob(room);
  await room.bot.deliver(delivery);
  const pressed = room.discord.press(user, room.discord.messages(room.discord.general)[0] as never, "Edit");
  await room.discord.until(() => pressed.modal, "the form");
  await room.reads(room.discord.submitModal(user, pressed, { prompt: "add a hat" }), "Waiting");
  const { job, ...draft } = JSON.parse(JSON.stringify(room.usecases.asked.at(-1)?.draft));
  expect(draft).toEqual({ prompt: "add a hat" });
});

test.each(["nonsense", "cancel", "cancel:", "credits:job1", "vary:job1:0:0", "vary:../x", `vary:${"j".repeat(60)}`])(
  "refuses a button that is not its own: %s",
  async (customId) => {
    const room = await openRoom();
    const { user, delivery } = await finishedJob(room);
    await room.bot.deliver(delivery);
    const pressed = room.discord.forge(user, room.discord.messages(room.discord.general)[0] as never, customId);
    expect(await room.reads(pressed, "Not possible")).toContain("does not exist");
    expect(room.usecases.asked).toHaveLength(1);
  },
);

test("misses nothing when the connection is cut: Discord replays it to the resumed session", async () => {
  const { discord, reads, bot } = await openRoom();
  discord.gateway.drop();
  await discord.until(() => discord.gateway.connected === 0, "the cut");
  const asked = discord.command(discord.user("ana"), "imagine", { prompt: "a" });
  await reads(asked, "Waiting");
  expect(discord.gateway.resumes).toBe(1);
  expect(bot.ready()).toBe(true);
});
