import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "vitest";
import type { Pixels } from "../../src/image.ts";
import { plainImage } from "../support/plain-image.ts";
import { type FakeTokenHub, startFakeTokenHub } from "../support/services/tokenhub.ts";
import { fakeSlack } from "../support/slack/slack.ts";

export type SlackMode = "socket" | "http";

/** A Slack and a TokenHub that speak the real protocols, around real processes of the bot. */
export interface SlackStage {
  readonly fake: Awaited<ReturnType<typeof fakeSlack>>;
  readonly service: FakeTokenHub;
  /** The image that the service gives. */
  readonly image: Buffer;
  /** Empty at first; what the bot writes is deleted with the stage. */
  readonly folder: string;
  /** The configuration of a bot that Slack reaches in this way. */
  environment(mode?: SlackMode): Record<string, string>;
  /** Nothing may have broken a rule of Slack or of the service. */
  close(): Promise<void>;
}

export async function openSlackStage(size: Pixels = { width: 1024, height: 1024 }): Promise<SlackStage> {
  const folder = mkdtempSync(path.join(tmpdir(), "atelier-slack-"));
  const image = await plainImage(size);
  const [fake, service] = await Promise.all([fakeSlack(), startFakeTokenHub({ image })]);
  const { slack } = fake;
  return {
    ...{ fake, service, image, folder },
    environment: (mode = "socket") => ({
      ...{ DATA_DIR: folder, SLACK_BOT_TOKEN: slack.botToken, SLACK_API_URL: fake.apiUrl },
      ...(mode === "socket" ? { SLACK_APP_TOKEN: slack.appToken } : { SLACK_SIGNING_SECRET: slack.signingSecret }),
      ...{ TOKENHUB_API_KEY: service.apiKey, TOKENHUB_BASE_URL: service.baseUrl },
    }),
    async close() {
      const violations = [...slack.violations, ...service.violations];
      await Promise.all([fake.close(), service.close()]);
      rmSync(folder, { recursive: true });
      expect(violations).toEqual([]);
    },
  };
}
