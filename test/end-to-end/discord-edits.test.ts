import { describe, expect, test } from "vitest";
import type { FakeMessage } from "../support/discord/discord.ts";
import { maskOf, photograph, stages } from "./discord-stage.ts";

const words = {
  "en-US": {
    waiting: "Reserved",
    done: "Done",
    cancelled: "Cancelled",
    cancel: "Cancel",
    late: "Too late",
    history: "Your images",
    available: "available",
  },
  "zh-CN": {
    waiting: "预留",
    done: "完成",
    cancelled: "已取消",
    cancel: "取消",
    late: "来不及",
    history: "您的图片",
    available: "可用",
  },
} as const;

describe.each(["en-US", "zh-CN"] as const)("in %s", (locale) => {
  const stage = stages();
  const says = words[locale];

  test("an edit chain of five replies: each is made from the one before, and the history shows it", async () => {
    const { discord, service, ...wait } = stage();
    const ann = discord.user("Ann");
    discord.command(ann, "imagine", { prompt: "a red bicycle", size: "2048x1152" }, { locale });
    let [result] = (await wait.results(1)) as [FakeMessage];
    for (const [step, prompt] of [
      "blue",
      "with a basket",
      "at night",
      "in the rain",
      "in oil --size 4K --quality high",
    ].entries()) {
      const asked = discord.say(ann, prompt, { replyTo: result });
      result = (await wait.results(step + 2)).at(-1) as FakeMessage;
      expect(result.replyTo).toBe(asked);
    }
    const edits = service.requests.slice(1);
    expect(edits.map(({ path, files, fields }) => [path.split("/").at(-1), files.length, fields.prompt])).toEqual([
      ...["blue", "with a basket", "at night", "in the rain"].map((prompt) => ["edits", 1, prompt]),
      ["edits", 1, "in oil"],
    ]);
    expect(edits.at(-1)?.fields).toMatchObject({ quality: "high", size: "3840x2160" });
    const history = discord.command(ann, "history", {}, { locale });
    expect((await wait.says(history, says.history)).match(/↳/g)).toHaveLength(5);
  });

  test("an edit of another member's photograph, from the message's menu", async () => {
    const { discord, service, ...wait } = stage();
    const [ann, ben] = [discord.user("Ann"), discord.user("Ben")];
    const photo = discord.say(ben, "my cat", { files: [await photograph("cat.png")] });
    const form = discord.choose(ann, photo, "Edit image", { locale });
    await discord.until(() => form.modal, "the form");
    const sent = discord.submitModal(ann, form, { prompt: "in oil", quality: "low" });
    await wait.says(sent, says.done);
    expect(service.requests).toMatchObject([
      { path: "/api/v1/images/edits", fields: { prompt: "in oil", quality: "low" } },
    ]);
    expect(service.requests[0]?.files).toHaveLength(1);
  });

  test("a composition of as many references as the command has fields, and an edit under a mask", async () => {
    const { discord, service, ...wait } = stage();
    const ann = discord.user("Ann");
    const photo = await photograph("part.png");
    const images = Object.fromEntries(
      Array.from({ length: 12 }, (_, index) => [index === 0 ? "image" : `image${index + 1}`, photo]),
    );
    await wait.says(discord.command(ann, "imagine", { prompt: "a collage", ...images }, { locale }), says.done);
    expect(service.requests[0]?.files.filter(({ field }) => field.startsWith("image"))).toHaveLength(12);
    const masked = { prompt: "a moon there", image: photo, mask: await maskOf("mask.png") };
    await wait.says(discord.command(ann, "edit", masked, { locale }), says.done);
    expect(service.requests[1]?.files.map(({ field }) => field.replace("[]", ""))).toEqual(["image", "mask"]);
  });

  test("a cancel at each stage: waiting for nothing, running and done not at all", async () => {
    const { discord, service, bot, ...wait } = stage();
    const ann = discord.user("Ann");
    service.answerNext({ kind: "hang" });
    const first = discord.command(ann, "imagine", { prompt: "first" }, { locale });
    await service.arrived(1);
    const second = discord.command(ann, "imagine", { prompt: "second" }, { locale });
    await wait.says(second, says.waiting);
    discord.press(ann, second.reply as FakeMessage, says.cancel, { locale });
    await wait.says(second, says.cancelled);

    const { job } = await bot.line(({ msg }) => msg === "job accepted");
    const tooLate = async () => {
      const pressed = discord.forge(ann, first.reply as FakeMessage, `cancel:${job}`, { locale });
      await discord.until(() => pressed.followUps[0]?.content.includes(says.late), "the refusal");
    };
    await tooLate();
    service.release();
    await wait.says(first, says.done);
    await tooLate();
    expect(service.requests).toHaveLength(1);
    const left = await wait.says(discord.command(ann, "credits", {}, { locale }), says.available);
    expect(left).toContain("99,875"); // the first alone was charged
  });
});
