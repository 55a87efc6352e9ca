import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "vitest";
import type { JobJson } from "../../src/platforms/web/job-json.ts";
import type { ReplyJson } from "../../src/platforms/web/reply-json.ts";
import { startAtelier } from "./atelier.ts";
import { startFakeDiscord } from "./discord/discord.ts";
import { fakeSlack } from "./slack/slack.ts";

interface FakeService {
  readonly violations: readonly string[];
  close(): Promise<unknown>;
}

/** The real program on Discord, on Slack and with its playground, before these services; `settings` tell of them. */
export type EverySurface = Awaited<ReturnType<typeof openEverySurface>>;

export async function openEverySurface(services: readonly FakeService[], settings: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(path.join(tmpdir(), "atelier-end-"));
  const [discord, slack] = await Promise.all([startFakeDiscord(), fakeSlack()]);
  const bot = await startAtelier({
    ...{ DATA_DIR: folder, USER_DAILY_CREDITS: "100000", PLAYGROUND: "on" },
    ...{ DISCORD_TOKEN: discord.token, DISCORD_API_URL: discord.url },
    ...{ SLACK_BOT_TOKEN: slack.slack.botToken, SLACK_APP_TOKEN: slack.slack.appToken, SLACK_API_URL: slack.apiUrl },
    ...settings,
  });
  return {
    ...{ discord, slack, bot, page: pageAt(bot.url) },
    /** Whether all sides kept to the rules is seen at the end. */
    async close(): Promise<void> {
      const violations = [discord, slack.slack, ...services].flatMap((side) => side.violations);
      await bot.kill();
      await Promise.all([...services.map((service) => service.close()), slack.close()]);
      await discord.stop();
      rmSync(folder, { recursive: true });
      expect(violations).toEqual([]);
    },
  };
}

/** The playground as its page uses it. */
function pageAt(url: string) {
  async function run(command: string, answers: Readonly<Record<string, string>>): Promise<ReplyJson> {
    const form = new FormData();
    for (const [name, value] of Object.entries(answers)) form.append(name, value);
    const headers = { "idempotency-key": crypto.randomUUID(), origin: url };
    const response = await fetch(`${url}/api/commands/${command}`, { method: "POST", body: form, headers });
    return (await response.json()) as ReplyJson;
  }

  /** The job that a reply tells of, once it has ended. */
  async function end(reply: ReplyJson): Promise<JobJson> {
    if (reply.kind !== "job") return expect.fail(JSON.stringify(reply));
    const events = await (await fetch(`${url}/api/jobs/${reply.job.id}/events`)).text();
    const last = events.match(/^data: (\{.*\})$/gm)?.at(-1);
    return JSON.parse(last?.slice("data: ".length) ?? "") as JobJson;
  }

  return { run, end, draw: async (answers: Readonly<Record<string, string>>) => end(await run("imagine", answers)) };
}
