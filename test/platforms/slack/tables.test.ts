import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { UsageReport } from "../../../src/contract/admin.ts";
import { tableBlock } from "../../../src/platforms/slack/messages/table.ts";
import { channelMessage, weekDigest } from "../../support/channel-posts.ts";
import { type SlackHouse, slackHouse } from "../../support/slack/context.ts";
import type { Member } from "../../support/slack/member.ts";
import type { Json } from "../../support/slack/state.ts";

let house: SlackHouse;
let bob: Member;

beforeEach(async () => {
  house = await slackHouse();
  house.slack.members.set("U2", { locale: "en-US", admin: true, displayName: "bob" });
  bob = house.member({ id: "U2" });
  house.usecases.admin.usage = async () => report;
});
afterEach(async () => {
  await house.close();
  expect(house.slack.violations).toEqual([]);
});

const line = (name: string, images: number, charged: number) => ({
  name,
  images,
  jobs: images,
  charged,
  spent: charged,
});
const report: UsageReport = {
  days: 30,
  total: line("", 1234, 5678),
  byDay: [],
  byProvider: [line("sandbox", 1234, 5678)],
  byPayer: [],
  byMember: [line("ada <3", 1200, 5000), line("slack:T1:U7", 34, 678)],
  byTenant: [],
  month: { spent: 5678 },
};

const whispers = () => house.slack.whispers;
const typesOf = ({ blocks }: { readonly blocks: readonly Json[] }) => blocks.map(({ type }) => type);
const askUsage = async () => {
  const before = whispers().length;
  await bob.slash("/imagine-admin", "usage");
  return house.slack.until(() => whispers()[before]);
};
const cellsOf = ({ blocks }: { readonly blocks: readonly Json[] }) =>
  blocks.find(({ type }) => type === "table") as { rows: Json[][]; column_settings: Json[] };

it("shows usage as a table with its numbers on the right, and tells the same in words", async () => {
  const shown = await askUsage();
  const { rows, column_settings: settings } = cellsOf(shown);
  expect(rows[0]?.map(({ text }) => text)).toEqual(["Service or member", "Images", "Jobs", "Paid", "Spent"]);
  expect(settings.map(({ align }) => align)).toEqual([undefined, "right", "right", "right", "right"]);
  expect(rows[1]?.[1]).toEqual({ type: "raw_number", value: 1234, text: "1,234" });
  expect(rows[2]?.[0]).toEqual({ type: "raw_text", text: "ada <3" });
  expect(JSON.stringify(rows[3]?.[0])).toContain('{"type":"user","user_id":"U7"}');
  expect(rows.at(-1)?.[0]?.text).toBe("All");
  expect(shown.text).toContain("ada &lt;3: 1,200 images");
});

describe("in a workspace that does not know tables", () => {
  beforeEach(() => house.slack.unknownBlocks.set("T1", ["table"]));

  it.each([200, 400] as const)(
    "answers with plain text at once when a response URL refuses with %i",
    async (status) => {
      house.slack.refusesWith = status;
      const shown = await askUsage();
      expect(typesOf(shown)).not.toContain("table");
      expect(shown.by).toBe("response_url");
      expect(JSON.stringify(shown.blocks)).toContain("ada <3: 1,200 images");
    },
  );

  it("posts plain text with everything else that belongs to it, and does not ask again for a day", async () => {
    const digest = await weekDigest(house.folder);
    const post = () => house.platform.postToChannel?.(channelMessage({ tenant: "slack:T1", channel: "C1" }, digest));
    await post();
    expect(house.slack.callsOf("chat.postMessage")).toHaveLength(2);
    const [first] = house.slack.messagesIn("C1");
    expect(typesOf(first ?? { blocks: [] })).toEqual(["section", "section", "section", "image"]);
    await post();
    expect(house.slack.callsOf("chat.postMessage")).toHaveLength(3);
    expect(house.slack.messagesIn("C1")).toHaveLength(2);
  });

  it("remembers it of that workspace alone", async () => {
    const digest = await weekDigest(house.folder);
    const post = (tenant: string) => house.platform.postToChannel?.(channelMessage({ tenant, channel: "C1" }, digest));
    await post("slack:T1");
    await post("slack:T1");
    expect(house.slack.callsOf("chat.postMessage")).toHaveLength(3);
    await post("slack:T2");
    expect(house.slack.callsOf("chat.postMessage")).toHaveLength(5);
  });
});

it("leaves out what does not fit in a table, and writes something in every cell", () => {
  const rows = Array.from({ length: 150 }, (_, index) => [`member ${index}`, index, ""]);
  const { rows: shown } = tableBlock({ columns: ["a", "b", "c"], rows });
  expect(shown).toHaveLength(100);
  expect(shown[1]?.[2]).toEqual({ type: "raw_text", text: "–" });
  const long = tableBlock({ columns: ["a"], rows: Array.from({ length: 99 }, () => ["x".repeat(300)]) });
  expect(JSON.stringify(long).length).toBeLessThan(13_000);
});
