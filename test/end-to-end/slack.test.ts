import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type AtelierProcess, startAtelier } from "../support/atelier.ts";
import { fakeSlack } from "../support/fake-slack.ts";
import { type Member, member } from "../support/fake-slack-member.ts";
import { httpLine } from "../support/fake-slack-socket.ts";
import { type FakeTokenHub, startFakeTokenHub } from "../support/fake-tokenhub.ts";

/** The real program as a process, between a Slack and a TokenHub that speak the real protocols. */
describe.each(["socket", "http"] as const)("Slack by %s", (mode) => {
  let fake: Awaited<ReturnType<typeof fakeSlack>>;
  let service: FakeTokenHub;
  let bot: AtelierProcess;
  let folder: string;
  let ada: Member;
  let image: Buffer;

  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "atelier-end-"));
    image = await sharp({ create: { width: 2048, height: 1152, channels: 3, background: "#c33" } })
      .png()
      .toBuffer();
    fake = await fakeSlack();
    service = await startFakeTokenHub({ image });
    const { slack } = fake;
    bot = await startAtelier({
      DATA_DIR: folder,
      SLACK_BOT_TOKEN: slack.botToken,
      SLACK_API_URL: fake.apiUrl,
      ...(mode === "socket" ? { SLACK_APP_TOKEN: slack.appToken } : { SLACK_SIGNING_SECRET: slack.signingSecret }),
      TOKENHUB_API_KEY: service.apiKey,
      TOKENHUB_BASE_URL: service.baseUrl,
    });
    ada = member(slack, mode === "socket" ? fake.line : httpLine(slack, `${bot.url}/slack/events`), fake.origin);
  });
  afterEach(async () => {
    expect(await bot.stop()).toBe(0);
    await service.close();
    await fake.close();
    rmSync(folder, { recursive: true });
  });

  test("turns a slash command into the images that the service returned, in one message, for the quoted price", async () => {
    const { slack } = fake;
    const repeat = await ada.slash("/imagine", "a red bicycle --size 2048x1152 --quality high --count 2");
    const files = await slack.until(() => {
      const blocks = slack.messagesIn("C1")[0]?.blocks ?? [];
      const ids = blocks.flatMap(({ slack_file }) => (slack_file as { id: string } | undefined)?.id ?? []);
      return ids.length === 2 ? ids : undefined;
    });
    await repeat();
    expect(service.requests).toHaveLength(1);
    expect(service.requests[0]?.fields).toMatchObject({
      prompt: "a red bicycle",
      n: 2,
      size: "2048x1152",
      quality: "high",
    });
    expect(files.map((id) => slack.files.get(id)?.bytes?.equals(image))).toEqual([true, true]);
    expect(slack.messagesIn("C1")).toHaveLength(1);
    await ada.slash("/imagine-credits", "");
    await slack.until(() =>
      slack.whispers.find(({ blocks }) => JSON.stringify(blocks).includes("500 credits available")),
    );
    expect([...slack.violations, ...service.violations]).toEqual([]);
  });

  test("says privately why there is no image, and charges nothing", async () => {
    const { slack } = fake;
    service.answerNext({ kind: "html", status: 502 });
    await ada.slash("/imagine", "a red bicycle");
    const text = () => JSON.stringify([slack.messages, slack.whispers]);
    await slack.until(() => text().includes("cannot tell whether it ran") || undefined);
    expect(text()).toContain("not charged");
    expect(service.requests).toHaveLength(1);
  });
});
