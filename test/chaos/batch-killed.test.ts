import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { openDatabase } from "../../src/store/database.ts";
import { moneyFindings, ownFindings, readRows } from "../support/chaos/findings.ts";
import { randomFrom } from "../support/chaos/random.ts";
import type { FakeMessage, FakeUser } from "../support/discord/discord.ts";
import { openStage, type Stage } from "./stage.ts";

/** A batch whose process dies in the middle of it: its message and its money come out as if nothing had happened. */
let stage: Stage;
beforeEach(async () => {
  stage = await openStage({ engine: "sqlite", server: { url: inject("postgresUrl") }, random: randomFrom(1) });
});
afterEach(() => stage.close());

const prompt = "a {red, green, blue} bicycle";
const yes = "Yes, for at most 375 credits";

async function question(ann: FakeUser): Promise<FakeMessage> {
  const { discord } = stage;
  const command = discord.command(ann, "imagine", { prompt });
  await discord.until(() => command.reply?.content.includes("in all"), "the question");
  if (!command.reply) throw new Error("no question");
  return command.reply;
}

async function rows() {
  const database = await openDatabase({ dataDir: stage.folder });
  try {
    return { ...(await readRows(database)), wrong: await ownFindings(database) };
  } finally {
    await database.close();
  }
}

test.each(["before-accept", "accepted", "claimed:2", "posting:2", "posted:1", "posted:3"])(
  "killed at %s, a batch of three fills one message, and is paid once",
  async (point) => {
    const { discord, service } = stage;
    const ann = discord.user("Ann");
    const mortal = stage.start({ ATELIER_FAILPOINT: point });
    await mortal.ready;
    const asked = await question(ann);
    discord.press(ann, asked, yes);
    await mortal.ended;
    const heir = stage.start();
    await heir.ready;
    if (asked.content.includes("in all")) discord.press(ann, asked, yes); // unless the answer of the dead one stands there
    const own = () => discord.messages(discord.general).filter(({ author }) => author === discord.state.botId);
    await discord.until(() => own().some(({ attachments }) => attachments.length === 3), "three images");
    await discord.until(() => heir.lines.some(({ msg }) => msg === "delivered"), "the end");
    heir.kill("SIGTERM");
    await heir.ended;
    const { wrong, ...after } = await rows();
    expect(own()).toHaveLength(1);
    expect([...wrong, ...moneyFindings(after)]).toEqual([]);
    expect(after.job.map(({ state, charged }) => [state, charged])).toEqual(Array(3).fill(["delivered", 125]));
    expect(service.requests).toHaveLength(3);
  },
);
