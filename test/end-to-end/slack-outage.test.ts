import { expect, onTestFinished, test } from "vitest";
import { allOfItComes, askForFive, openOutage, prompts, tenMinutesAway, until } from "../support/outage.ts";
import { member } from "../support/slack/member.ts";
import { fakeSlack } from "../support/slack/slack.ts";

async function openSlackOutage() {
  const fake = await fakeSlack();
  const { slack } = fake;
  const shown = () => slack.messagesIn("C1");
  const outage = await openOutage({
    name: "slack",
    url: fake.origin,
    connect(line) {
      slack.origin = new URL(line.through(fake.apiUrl)).origin; // its sockets and uploads, too
      const tokens = { SLACK_BOT_TOKEN: slack.botToken, SLACK_APP_TOKEN: slack.appToken };
      return { ...tokens, SLACK_API_URL: line.through(fake.apiUrl) };
    },
    async ask(prompt, at) {
      const who = { id: `U${at + 1}`, name: prompt };
      await member(slack, fake.line, slack.origin ?? "", who).slash("/imagine", prompt);
      await until(() => shown().length === at + 1);
    },
    posted: () => shown().filter(({ blocks }) => blocks.some(({ type }) => type === "image")).length,
    close: () => fake.close(),
  });
  onTestFinished(outage.close);
  return { slack, shown, outage };
}

test.each(["cut", "silence"] as const)(
  "Slack vanishes for ten minutes (%s): every image comes once, in order, and it is told as it is",
  async (vanish) => {
    const { slack, shown, outage } = await openSlackOutage();
    await askForFive(outage);
    await outage.line[vanish]();
    await tenMinutesAway(outage);
    await outage.line.mend();
    await allOfItComes(outage);
    expect(shown()).toHaveLength(prompts.length);
    const updates = slack.callsOf("chat.update").map(({ blocks }) => String(blocks));
    const images = updates.filter((blocks) => blocks.includes("slack_file"));
    // In the order in which the images were shown, each job once.
    expect([...new Set(images.map((blocks) => /again:([\w-]+):/.exec(blocks)?.[1]))]).toEqual(outage.made);
    expect(JSON.stringify(shown().map(({ blocks }) => blocks))).not.toMatch(/Drawing|Waiting|Reserved|posting/i);
    expect(slack.violations).toEqual([]);
    await outage.stopsAndAudits();
  },
  120_000,
);
