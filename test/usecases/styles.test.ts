import { writeFileSync } from "node:fs";
import path from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { JobView, NewStyle } from "../../src/contract/usecases.ts";
import { sweepOnce } from "../../src/usecases/privacy/retention.ts";
import { openRoom, type TestBot } from "../support/test-bot.ts";
import { setFileTimes, spoolFiles } from "../worker/spool-clock.ts";

const dayMs = 86_400_000;
let house: TestBot;

beforeEach(async () => {
  house = await openRoom();
});
afterEach(() => house.close());

const boss = () => house.caller("boss", { rights: "admin" });
const save = (style: NewStyle, caller = house.caller()) => house.usecases.styles.save(style, caller);
const draw = (draft: object = {}, caller = house.caller()) =>
  house.usecases.imagine({ prompt: "a fox", ...draft }, caller);

async function picture(name: string, background = "#46b") {
  const file = path.join(house.folder, name);
  const create = { width: 64, height: 64, channels: 3, background } as const;
  writeFileSync(file, await sharp({ create }).png().toBuffer());
  return { filename: name, source: { path: file } };
}

describe("a style", () => {
  test("puts its words around the prompt, and its options where the member names none", async () => {
    await save({ name: "Noir", before: "film noir of", after: ", grainy", size: "2048x1152", quality: "medium" });
    await house.usecases.changeSettings({ quality: "high", format: "webp" }, house.caller());
    const { request, held } = await draw({ style: "noir" });
    expect(request).toMatchObject({
      prompt: "film noir of a fox, grainy",
      style: "Noir",
      size: { width: 2048, height: 1152 },
      quality: "medium",
      format: "webp",
    });
    expect(held).toBe(250);
    expect((await draw({ style: "NOIR", quality: "low" })).request.quality).toBe("low");
    expect((await draw()).request).not.toHaveProperty("style");
  });

  test("is priced as it is drawn", async () => {
    await save({ name: "wide", size: "2048x1152" });
    const draft = { prompt: "a fox", style: "wide" };
    expect((await house.usecases.quote(draft, house.caller())).total).toBe(250);
  });

  test("changes no job that was accepted in it, and no question that was asked", async () => {
    await save({ name: "noir", before: "film noir of", size: "2048x1152" });
    const job = await draw({ style: "noir" });
    const asked = await house.usecases.ask(
      { kind: "draft", draft: { prompt: "a fox", style: "noir", count: 5 } },
      house.caller(),
    );
    await save({ name: "noir", before: "watercolour of", size: "1024x1024" });
    await house.usecases.styles.remove({ name: "noir" }, house.caller());
    const unchanged = { prompt: "film noir of a fox", size: { width: 2048, height: 1152 }, style: "noir" };
    expect((await house.usecases.job(job.id, house.caller())).request).toMatchObject(unchanged);
    expect((await house.usecases.confirm(asked?.id ?? "", house.caller())).request).toMatchObject(unchanged);
    await house.work();
    await house.end(job);
    expect(house.provider.sent[0]?.prompt).toBe("film noir of a fox");
  });

  test("starts from its own images, behind those of the member", async () => {
    await save({ name: "logo", images: [await picture("logo.png")] });
    await house.work();
    const mine = await picture("mine.png", "#c33");
    const job = await house.end(await draw({ style: "logo", images: [mine], mask: undefined }));
    expect(job.state).toBe("delivered");
    const [own, logo] = house.provider.sent[0]?.references ?? [];
    expect(own?.sha256).not.toBe(logo?.sha256);
    const alone = await house.end(await draw({ style: "logo" }));
    expect(alone.request.references.map(({ sha256 }) => sha256)).toEqual([logo?.sha256]);
  });

  test("gives a mask nothing to be of", async () => {
    await save({ name: "logo", images: [await picture("logo.png")] });
    const masked = draw({ style: "logo", mask: await picture("mask.png") });
    await expect(masked).rejects.toMatchObject({ code: "mask-without-image" });
  });

  test("of the same name is changed: what is not mentioned stays", async () => {
    await save({ name: "noir", before: "film noir of", images: [await picture("logo.png")] });
    await save({ name: "Noir", quality: "low" });
    const [only, ...others] = await house.usecases.styles.list(house.caller());
    expect(only).toEqual({ name: "Noir", before: "film noir of", quality: "low", shared: false, references: 1 });
    expect(others).toEqual([]);
  });

  test("an edit of a styled image is drawn in none, unless it is named", async () => {
    await save({ name: "noir", before: "film noir of" });
    await house.work();
    const job = await house.end(await draw({ style: "noir" }));
    const edit = await house.usecases.edit({ job: job.id }, { prompt: "at night" }, house.caller());
    expect(edit.request).toMatchObject({ prompt: "at night" });
    expect(edit.request).not.toHaveProperty("style");
    const again = await house.usecases.again(job.id, house.caller());
    expect(again.request).toMatchObject({ prompt: "film noir of a fox", style: "noir" });
  });

  test.each([
    ["two words", "style-name"],
    ["", "style-name"],
    ["none", "style-name"],
    ["None", "style-name"],
    ["-x", "style-name"],
    ["a@b", "style-name"],
    ["x".repeat(33), "style-name"],
    ["a\u202eb", "style-name"],
  ])("cannot be called “%s”", async (name, code) => {
    await expect(save({ name, before: "x" })).rejects.toMatchObject({ code });
    expect(await house.usecases.styles.list(house.caller())).toEqual([]);
  });

  test.each(["noir", "水墨", "x".repeat(32), "8-bit_art"])("can be called “%s”", async (name) => {
    await save({ name, before: "x" });
    expect((await draw({ style: name })).request.style).toBe(name);
  });

  test("keeps nothing that no draft may say, and no more than its places", async () => {
    await expect(save({ name: "a", size: "huge" })).rejects.toMatchObject({ code: "size-unknown" });
    await expect(save({ name: "a", format: "jpeg", background: "transparent" })).rejects.toMatchObject({
      code: "transparent-in-jpeg",
    });
    await expect(save({ name: "a" })).rejects.toMatchObject({ code: "style-empty" });
    await expect(save({ name: "a", after: "x".repeat(1001) })).rejects.toMatchObject({ code: "prompt-too-long" });
    const five = await Promise.all([1, 2, 3, 4, 5].map((n) => picture(`${n}.png`)));
    await expect(save({ name: "a", images: five })).rejects.toMatchObject({ code: "too-many-references" });
    for (let n = 0; n < 25; n++) await save({ name: `s${n}`, before: "x" });
    await expect(save({ name: "a", before: "x" })).rejects.toMatchObject({ code: "too-many-styles" });
    expect(spoolFiles(house)).toEqual([]);
  });

  test("that is not there is refused with those that are", async () => {
    await save({ name: "noir", before: "x" });
    await expect(draw({ style: "nior" })).rejects.toMatchObject({
      code: "style-unknown",
      facts: { name: "nior", known: ["noir"] },
    });
  });

  test("obeys the blocked words of the place", async () => {
    await save({ name: "grim", after: "with gore" });
    await house.usecases.admin.changeRules({ blockedWords: ["gore"] }, boss());
    await expect(draw({ style: "grim" })).rejects.toMatchObject({ code: "word-blocked" });
  });
});

describe("a result saved as a style", () => {
  let made: JobView;
  beforeEach(async () => {
    await house.work();
    made = await house.end(await draw({ size: "2048x1152", quality: "low", format: "webp", count: 2 }));
  });

  test("gives its options and its image", async () => {
    const style = await save({ name: "mine", of: { job: made.id, index: 1 }, after: "in oil" });
    const options = { size: "2048x1152", quality: "low", format: "webp", after: "in oil" };
    expect(style).toEqual({ name: "mine", shared: false, references: 1, ...options });
    const { request } = await draw({ style: "mine" });
    expect(request).toMatchObject({ prompt: "a fox in oil", size: { width: 2048, height: 1152 }, format: "webp" });
    expect(request.references.map(({ sha256 }) => sha256)).toEqual([made.images[1]?.sha256]);
  });

  test("keeps its image when the result is deleted, until it is removed itself", async () => {
    await save({ name: "mine", of: { job: made.id } });
    await house.usecases.remove(made.id, house.caller());
    const clean = async () => {
      setFileTimes(house);
      house.world.advance(2 * dayMs);
      await sweepOnce(house.context);
    };
    await clean();
    const job = await house.end(await draw({ style: "mine" }));
    expect(job.state).toBe("delivered");
    await house.usecases.styles.remove({ name: "mine" }, house.caller());
    await house.usecases.remove(job.id, house.caller());
    await clean();
    expect(spoolFiles(house)).toEqual([]);
  });

  test("is only a member's own", async () => {
    const other = house.caller("member-2");
    await expect(save({ name: "mine", of: { job: made.id } }, other)).rejects.toMatchObject({
      code: "style-image-not-yours",
    });
  });
});

describe("who may draw in it", () => {
  test("a name is offered once, an own style before one of the place that is called so", async () => {
    await save({ name: "noir", before: "our", shared: true }, boss());
    await save({ name: "oil", before: "our", shared: true }, boss());
    await save({ name: "Noir", before: "my" });
    expect(await house.usecases.styles.names(house.caller())).toEqual(["Noir", "oil"]);
  });

  test("a member's own is for the member alone, one of the place for everybody there", async () => {
    await save({ name: "secret", before: "x" });
    await save({ name: "house", before: "our", shared: true }, boss());
    const other = house.caller("member-2");
    await expect(draw({ style: "secret" }, other)).rejects.toMatchObject({ code: "style-unknown" });
    expect((await draw({ style: "house" }, other)).request.prompt).toBe("our a fox");
    expect((await house.usecases.styles.list(house.caller())).map(({ name }) => name)).toEqual(["secret", "house"]);
    const elsewhere = house.caller("member-2", { tenant: "another guild" });
    await expect(draw({ style: "house" }, elsewhere)).rejects.toMatchObject({ code: "style-unknown" });
  });

  test("an own one comes before one of the place of the same name", async () => {
    await save({ name: "house", before: "our", shared: true }, boss());
    await save({ name: "house", before: "my" });
    expect((await draw({ style: "house" })).request.prompt).toBe("my a fox");
    await house.usecases.styles.remove({ name: "house" }, house.caller());
    expect((await draw({ style: "house" })).request.prompt).toBe("our a fox");
  });

  test("only admins save, remove and set what is for everybody, and it is written to the audit log", async () => {
    const { styles } = house.usecases;
    const member = house.caller();
    const refused = { code: "admins-only" };
    await expect(save({ name: "house", before: "our", shared: true })).rejects.toMatchObject(refused);
    await save({ name: "house", before: "our", shared: true }, boss());
    await expect(styles.remove({ name: "house" }, member)).rejects.toMatchObject(refused);
    await expect(styles.setDefault({ name: "house" }, member)).rejects.toMatchObject(refused);
    await styles.setDefault({ name: "house" }, boss());
    await styles.remove({ name: "house" }, boss());
    const log = await house.usecases.admin.auditLog(10, boss());
    expect(log.map(({ name }) => name).toSorted()).toEqual(["style-default", "style-remove", "style-save"]);
  });
});

describe("the default", () => {
  const at = (channel: string) => house.caller("member-1", { channel });
  beforeEach(async () => {
    const { styles } = house.usecases;
    await save({ name: "house", before: "our", shared: true }, boss());
    await save({ name: "oil", before: "oil of", shared: true }, boss());
    await styles.setDefault({ name: "house" }, boss());
    await styles.setDefault({ name: "oil", channel: "c-art" }, boss());
  });

  test("of a channel counts there, that of the place everywhere else, and `none` draws in none", async () => {
    expect((await draw({}, at("c-art"))).request.prompt).toBe("oil of a fox");
    expect((await draw({}, at("c-talk"))).request).toMatchObject({ prompt: "our a fox", style: "house" });
    expect((await draw({ style: "none" }, at("c-art"))).request.prompt).toBe("a fox");
    expect(await house.usecases.styles.defaults(house.caller())).toEqual([
      { name: "house", channel: undefined },
      { name: "oil", channel: "c-art" },
    ]);
  });

  test("goes with its style, or when none is set in its place", async () => {
    const { styles } = house.usecases;
    await styles.remove({ name: "oil", shared: true }, boss());
    expect((await draw({}, at("c-art"))).request.prompt).toBe("our a fox");
    await styles.setDefault({ name: "none" }, boss());
    expect((await draw({}, at("c-art"))).request.prompt).toBe("a fox");
  });
});
