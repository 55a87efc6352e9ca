import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { DeliveryDelayed } from "../../../src/contract/delivery.ts";
import { budgetAlert, channelMessage, weekDigest } from "../../support/channel-posts.ts";
import { openRoom } from "./test-platform.ts";

async function openOffice() {
  const room = await openRoom();
  const office = room.discord.channel(room.discord.general.guild);
  const where = { tenant: `discord:guild:${office.guild?.id}`, channel: office.id };
  const post = (...message: Parameters<typeof channelMessage>) => room.bot.postToChannel?.(channelMessage(...message));
  return { ...room, office, where, post, shown: () => room.discord.messages(office) };
}

test("posts an alert, and edits it where it is", async () => {
  const { where, post, shown, discord } = await openOffice();
  const posted = await post(where, budgetAlert);
  expect(shown()).toHaveLength(1);
  expect(shown()[0]?.content).toContain("80 % of the budget here for the month is spent");
  const earlier = posted && "message" in posted ? posted.message : "";
  await post(where, budgetAlert, { earlier, locale: "zh-CN" });
  expect(shown()).toHaveLength(1);
  expect(shown()[0]?.content).toContain("这里本月的预算已用去 80 %");
  expect(discord.violations).toEqual([]);
});

test("posts the digest of a week with its drawing, described for those who do not see it", async () => {
  const { where, post, shown, discord } = await openOffice();
  const folder = mkdtempSync(path.join(tmpdir(), "atelier-plot-"));
  await post(where, await weekDigest(folder));
  rmSync(folder, { recursive: true });
  expect(shown()[0]?.content).toMatch(/2026-11-23 to 2026-11-29.*Ann.*Others/s);
  expect(shown()[0]?.attachments).toHaveLength(1);
  expect(JSON.stringify(shown()[0]?.components)).toContain("Credits by day: 2026-11-23 0, 2026-11-24 10");
  expect(discord.violations).toEqual([]);
});

test("finds the message of a try whose answer was lost, also after Discord forgot its nonce", async () => {
  const { where, post, shown, discord } = await openOffice();
  await post(where, budgetAlert);
  discord.advance(3_600_000);
  await post(where, budgetAlert, { repeated: true });
  expect(shown()).toHaveLength(1);
});

test("says why a channel takes nothing: closed, of another server, or gone", async () => {
  const { where, post, shown, discord, office } = await openOffice();
  const elsewhere = discord.channel(discord.guild());
  expect(await post({ ...where, channel: elsewhere.id }, budgetAlert)).toEqual({ closed: "gone" });
  expect(discord.messages(elsewhere)).toEqual([]);
  discord.allow(office, { send: false });
  expect(await post(where, budgetAlert)).toEqual({ closed: "forbidden" });
  office.deleted = true;
  expect(await post({ ...where }, { kind: "channel-check", purpose: "alerts" })).toEqual({ closed: "gone" });
  expect(shown()).toEqual([]);
});

test("waits while Discord is away, and lets a message be that somebody deleted", async () => {
  const { where, post, discord } = await openOffice();
  discord.fail({ method: "POST", path: /messages$/, status: 500 });
  await expect(post(where, budgetAlert)).rejects.toBeInstanceOf(DeliveryDelayed);
  const earlier = `discord:${where.channel}:${discord.state.snowflake()}`;
  expect(await post(where, budgetAlert, { earlier })).toEqual({ message: earlier });
});
