import { createHash } from "node:crypto";
import { readdirSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Context } from "../../../src/context.ts";
import type { Draft, Order } from "../../../src/contract/usecases.ts";
import type { IncomingImage } from "../../../src/image.ts";
import { noteBrought } from "../../../src/jobs/intake.ts";
import { createSubmit } from "../../../src/usecases/submit/submit.ts";
import { hollowPng } from "../../images/samples.ts";
import { openRoom, type TestBot } from "../../support/test-bot.ts";

let house: TestBot;

beforeEach(async () => {
  house = await openRoom();
});
afterEach(() => house.close());

const order = (images: IncomingImage[], more: Partial<Draft> = {}): Order => ({
  kind: "draft",
  draft: { prompt: "a hat", images, ...more },
});

function file(name: string, bytes: Uint8Array | string): IncomingImage {
  const at = path.join(house.folder, name);
  writeFileSync(at, bytes);
  return { filename: name, source: { path: at } };
}

async function photo(background = "#46b", name = "hat.png"): Promise<IncomingImage> {
  const create = { width: 64, height: 64, channels: 3, background } as const;
  return file(name, await sharp({ create }).png().toBuffer());
}

/** Everything that lies in the spool of members' files, or of work under way. */
const left = () => ["inputs", "scratch"].flatMap((room) => readdirSync(path.join(house.folder, "spool", room)));

/** A door at which something happens once the files of an order are here. */
function doorWith(then: () => Promise<unknown>) {
  const take: Context["images"]["take"] = async (incoming, sender) => {
    const image = await house.context.images.take(incoming, sender);
    expect(left()).toHaveLength(1);
    await then();
    return image;
  };
  return createSubmit({ ...house.context, images: { ...house.context.images, take } });
}

describe("of a refused order no file is left", () => {
  test("when the file itself is refused: its size, format, pixels, bytes, or address", async () => {
    const large = file("large.png", "");
    truncateSync((large.source as { path: string }).path, 50_000_001);
    const refused: [IncomingImage, string][] = [
      [large, "image-too-large"],
      [file("words.png", "words"), "image-format"],
      [file("bomb.png", hollowPng(20_000, 10_001)), "image-too-many-pixels"],
      [
        file(
          "half.png",
          (
            await sharp({ create: { width: 64, height: 64, channels: 3, background: "#46b" } })
              .png()
              .toBuffer()
          ).subarray(0, 90),
        ),
        "image-unreadable",
      ],
      [{ filename: "none.png", source: { path: path.join(house.folder, "none.png") } }, "image-unreachable"],
      [{ filename: "here.png", source: { url: "http://127.0.0.1:1/" } }, "image-unreachable"],
    ];
    for (const [bad, code] of refused) {
      await expect(house.usecases.submit(order([await photo(), bad]), house.caller())).rejects.toMatchObject({ code });
      expect.soft(left(), code).toEqual([]);
    }
  });

  test("when its mask is refused", async () => {
    const mask = await photo("#fff", "mask.png");
    await expect(house.usecases.submit(order([await photo()], { mask }), house.caller())).rejects.toMatchObject({
      code: "mask-unusable",
    });
    expect(left()).toEqual([]);
  });

  test("when a limit, a blocked word, or the balance refuses it once the files are here", async () => {
    const rules = (change: object) => (tenant: string) => {
      return house.usecases.admin.changeRules(change, house.caller("boss", { rights: "admin", tenant }));
    };
    const dear = { prompt: "x", count: 10, size: "3840x2160" };
    const events: [string, (tenant: string) => Promise<unknown>][] = [
      ["not-enough-credits", () => house.usecases.imagine(dear, house.caller())],
      ["word-blocked", rules({ blockedWords: ["hat"] })],
      ["member-daily-spent", rules({ memberDaily: 1 })],
      ["member-blocked", rules({ blockedMembers: ["in-3"] })],
    ];
    for (const [index, [code, event]] of events.entries()) {
      const submit = doorWith(() => event(code));
      const caller = house.caller(index === 0 ? "member-1" : `in-${index}`, { tenant: code });
      await expect.soft(submit(order([await photo()]), caller), code).rejects.toMatchObject({ code });
      expect.soft(left(), code).toEqual([]);
    }
  });

  test("when the member cannot be told, or something breaks", async () => {
    const announce = () => Promise.reject(new Error("no place"));
    await expect(house.usecases.submit(order([await photo()]), house.caller(), { announce })).rejects.toThrow(
      "no place",
    );
    await expect(
      doorWith(() => Promise.reject(new Error("broke")))(order([await photo()]), house.caller()),
    ).rejects.toThrow("broke");
    expect(left()).toEqual([]);
  });

  test("when its confirmation is cancelled, or its member's data deleted", async () => {
    await house.usecases.changeSettings({ confirmAbove: 1 }, house.caller());
    const asked = await house.usecases.ask(order([await photo()]), house.caller());
    expect(left()).toHaveLength(1);
    await house.usecases.reject(asked?.id ?? "", house.caller());
    expect(left()).toEqual([]);
    await house.usecases.ask(order([await photo()]), house.caller());
    expect(left()).toHaveLength(1);
    await house.usecases.deleteData(house.caller());
    expect(left()).toEqual([]);
  });
});

describe("a refused file stays", () => {
  const bad = () => file("words.png", "words");

  test("while a job, or another's confirmation, starts from the same bytes", async () => {
    await house.usecases.changeSettings({ confirmAbove: 1 }, house.caller("asked"));
    await house.usecases.ask(order([await photo("#111")]), house.caller("asked"));
    await house.usecases.submit(order([await photo("#222")]), house.caller(), { confirmed: true });
    const both = [await photo("#111", "a.png"), await photo("#222", "b.png"), await photo("#333", "c.png")];
    await expect(house.usecases.submit(order([...both, bad()]), house.caller())).rejects.toThrow("image-format");
    expect(left()).toHaveLength(2);
  });

  test("while another order brings the same bytes, even if it begins after the file was found useless", async () => {
    const hat = await photo();
    const [stored] = [await house.context.images.take(hat)];
    const { images } = house.context;
    let asked = 0;
    const isNeeded = async () => ++asked > 1;
    await images.discard(stored, isNeeded);
    expect(await images.has(stored)).toBe(true);
    await noteBrought(house.database.db, {
      id: "other",
      member: "b",
      at: house.world.now(),
      bytes: 1,
      file: stored.file,
    });
    await expect(house.usecases.submit(order([hat, bad()]), house.caller())).rejects.toThrow("image-format");
    expect(await images.has(stored)).toBe(true);
  });
});

describe("a member's quota", () => {
  const noise = (side: number) => {
    const raw = { width: side, height: side, channels: 3 } as const;
    const pixels = Buffer.concat(
      Array.from({ length: Math.ceil((side * side * 3) / 32) }, (_, n) => createHash("sha256").update(`${n}`).digest()),
    ).subarray(0, side * side * 3);
    return sharp(pixels, { raw }).png().toBuffer();
  };

  beforeEach(async () => {
    await house.close();
    house = await openRoom({ uploadQuota: { hourlyBytes: 1_000_000, storedBytes: 1_500_000 }, daily: 100_000 });
  });

  const words = () => file("a.png", "w".repeat(1_000_000));

  test("of an hour counts refused files too, holds before a byte is fetched, and is over an hour later", async () => {
    const first = house.world.now();
    await expect(house.usecases.submit(order([words()]), house.caller())).rejects.toThrow("image-format");
    const take: Context["images"]["take"] = async ({ filename }) => expect.fail(`${filename} is fetched`);
    const submit = createSubmit({ ...house.context, images: { ...house.context.images, take } });
    await expect(submit(order([await photo()]), house.caller())).rejects.toMatchObject({
      code: "upload-quota",
      facts: { limitMegabytes: 1, renewsAt: first + 3_600_000 },
    });
    await house.usecases.submit(order([await photo()]), house.caller("member-2"));
    house.world.advance(3_600_000);
    await house.usecases.submit(order([await photo()]), house.caller());
  });

  test("is not given anew by deleting one's data", async () => {
    await expect(house.usecases.submit(order([words()]), house.caller())).rejects.toThrow("image-format");
    await house.usecases.deleteData(house.caller());
    await expect(house.usecases.submit(order([await photo()]), house.caller())).rejects.toThrow("upload-quota");
  });

  test("of what is kept counts each file once, not what the bot drew, and ends with the jobs", async () => {
    await house.work();
    const hat = file("hat.png", await noise(760)); // 1.7 MB
    const job = await house.usecases.imagine({ prompt: "a hat", images: [hat] }, house.caller());
    await house.end(job);
    house.world.advance(3_600_000);
    const drawn = await house.usecases.edit({ job: job.id, index: 0 }, { prompt: "redder" }, house.caller());
    await house.end(drawn);
    await expect(house.usecases.submit(order([await photo()]), house.caller())).rejects.toMatchObject({
      code: "storage-quota",
      facts: { limitMegabytes: 1.5, days: 7 },
    });
    await house.usecases.remove(job.id, house.caller());
    await house.usecases.submit(order([await photo()]), house.caller());
  });
});
