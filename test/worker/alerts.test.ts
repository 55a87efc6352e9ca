import { expect, test } from "vitest";
import { ProviderError } from "../../src/errors.ts";
import { sweepOnce } from "../../src/usecases/privacy/retention.ts";
import { lookForAlerts } from "../../src/worker/alerts.ts";
import { claimMessages, postMessage } from "../../src/worker/channel-messages.ts";
import { failWith, scriptedProvider, unknownOutcome } from "../support/services/scripted-provider.ts";
import { onBothStores } from "../support/stores.ts";
import { openRoom, type RoomOptions, type TestBot } from "../support/test-bot.ts";

const minuteMs = 60_000;
const dayMs = 86_400_000;
const operatorChannel = { platform: "test", tenant: "house", channel: "operators", locale: "en" };

onBothStores("alerts", (store) => {
  async function inPlace(play: (house: TestBot) => Promise<void>, options: RoomOptions = {}): Promise<void> {
    const house = await openRoom({ database: await store.open(), alertChannels: [operatorChannel], ...options });
    try {
      await house.usecases.admin.alerts("news", house.caller("admin-1", { rights: "admin" }));
      house.channelPosts.length = 0;
      await play(house);
    } finally {
      await house.close();
    }
  }

  /** One look of one process, some time after the one before, and everything that is to be posted then. */
  async function look(house: TestBot, laterMs = minuteMs): Promise<readonly (readonly [string, string])[]> {
    house.world.advance(laterMs);
    house.channelPosts.length = 0;
    await lookForAlerts(house.context);
    const claim = { now: house.world.now(), owner: "me", leaseUntil: house.world.now() + minuteMs, wanted: 100 };
    for (const row of await claimMessages(house.context, claim, ["test"])) await postMessage(house.context, row);
    return postsOf(house);
  }

  const postsOf = ({ channelPosts }: TestBot): (readonly [string, string])[] =>
    channelPosts.map(({ channel, content }) => [
      channel,
      content.kind === "alert"
        ? [content.alert.code, "percent" in content.alert ? content.alert.percent : ""].join(" ")
        : content.kind,
    ]);

  const order = (house: TestBot, count: number) =>
    house.usecases.imagine({ prompt: "a cat", quality: "high", count }, house.caller());

  /** Draws an image, by a worker that stops again: it looks for alerts, too. Gives what it posted with the next look. */
  async function drawAndLook(house: TestBot): Promise<readonly (readonly [string, string])[]> {
    house.channelPosts.length = 0;
    const worker = await house.work();
    await house.end(await order(house, 1));
    await worker.stop();
    const posted = postsOf(house);
    return [...posted, ...(await look(house))];
  }

  test("tell those who gave a key of its trouble, once, and nobody else", () => {
    const trouble = new ProviderError("service", "refused", "no", { refusedFor: "money" });
    const broken = scriptedProvider("service");
    broken.scripts.push(failWith(trouble));
    return inPlace(
      async (house) => {
        const admin = () => house.caller("admin-1", { rights: "admin" });
        await house.usecases.admin.keys.put("service", "key-of-guild", admin());
        expect(await look(house)).toEqual([]);
        expect(await drawAndLook(house)).toEqual([["news", "own-key "]]);
        expect(await look(house)).toEqual([]);
        expect(await drawAndLook(house)).toEqual([]);
        broken.scripts.push(failWith(trouble));
        house.world.advance(minuteMs);
        expect(await drawAndLook(house)).toEqual([["news", "own-key "]]);
        await house.database.db.updateTable("tenant_key").set({ sealed: "AAAA" }).execute();
        expect(await look(house)).toEqual([["news", "own-key "]]);
        expect(await look(house)).toEqual([]);
        expect(await look(house, 5 * minuteMs)).toEqual([]);
      },
      { keyed: () => [broken] },
    );
  });

  test("tell once of a budget at 80 and at 100 percent, and again in the next period", () =>
    inPlace(
      async (house) => {
        expect(await look(house)).toEqual([]);
        await order(house, 4);
        expect(await look(house)).toEqual([["news", "budget 80"]]);
        expect(await look(house)).toEqual([]);
        await order(house, 1);
        expect(await look(house)).toEqual([["news", "budget 100"]]);
        expect(await look(house)).toEqual([]);
        expect((await look(house, 32 * dayMs)).filter(([, what]) => what !== "digest")).toEqual([]);
      },
      { tenantMonthly: 625 },
    ));

  test("tell the operator of everybody's day, and the tenants nothing of it", () =>
    inPlace(
      async (house) => {
        await order(house, 5);
        expect(await look(house)).toEqual([["operators", "budget 100"]]);
        expect(await look(house)).toEqual([]);
      },
      { globalDaily: 625 },
    ));

  test("are written down once by several processes at the same moment", () =>
    inPlace(
      async (house) => {
        await order(house, 5);
        house.world.advance(minuteMs);
        await Promise.all([lookForAlerts(house.context), lookForAlerts(house.context), lookForAlerts(house.context)]);
        const { db } = house.database;
        const alerts = db.selectFrom("channel_message").select("channel").where("kind", "=", "alert");
        expect(await alerts.execute()).toEqual([{ channel: "news" }]);
      },
      { tenantMonthly: 625 },
    ));

  test("tell of a service once it has been in trouble for a while, and once that it is over", () =>
    inPlace(async (house) => {
      const refused = new ProviderError("service", "refused", "no money", { refusedFor: "money" });
      const trouble = () => house.context.breakers.ended("service", refused);
      trouble();
      expect(await look(house, 1000)).toEqual([]);
      for (let minute = 0; minute < 2; minute += 1) {
        trouble();
        expect(await look(house, 30_000)).toEqual([]);
        trouble();
        await look(house, 46_000);
      }
      trouble();
      house.channelPosts.length = 0;
      const rows = () =>
        house.database.db.selectFrom("channel_message").select("facts").where("kind", "=", "alert").execute();
      expect((await rows()).map(({ facts }) => JSON.parse(facts).code)).toEqual(["service", "service"]);
      trouble();
      expect(await look(house)).toEqual([]);
      expect(await look(house, 5 * minuteMs)).toEqual([]);
      expect(await look(house, 5 * minuteMs)).toEqual([
        ["news", "service-over "],
        ["operators", "service-over "],
      ]);
      expect(await look(house)).toEqual([]);
    }));

  test("tell nobody of trouble that is over at once", () =>
    inPlace(async (house) => {
      house.context.breakers.ended("service", new ProviderError("service", "refused", "", { refusedFor: "money" }));
      expect(await look(house, 1000)).toEqual([]);
      expect(await look(house, 20 * minuteMs)).toEqual([]);
    }));

  test("log a closed channel once, show it to admins, and post again once the channel is named anew", () =>
    inPlace(
      async (house) => {
        house.channelAnswers.push({ closed: "gone" }, { closed: "gone" });
        await order(house, 4);
        await look(house);
        await order(house, 1);
        await look(house);
        const lines = house.log.lines.filter(({ message }) => message === "a channel is closed to the bot");
        expect(lines).toHaveLength(1);
        const admin = () => house.caller("admin-1", { rights: "admin" });
        expect(await house.usecases.admin.alerts(undefined, admin())).toMatchObject({ closed: "gone" });
        await house.usecases.admin.alerts("news", admin());
        expect(await house.usecases.admin.alerts(undefined, admin())).toMatchObject({ closed: undefined });
        expect(await look(house)).toEqual([
          ["news", "budget 80"],
          ["news", "budget 100"],
        ]);
      },
      { tenantMonthly: 625 },
    ));

  test("post a digest of the week once, with names and without prompts, of those who did not leave", () =>
    inPlace(
      async (house) => {
        house.world.advance(7 * dayMs - (house.world.now() % (7 * dayMs)) + 5 * dayMs); // a Tuesday
        await order(house, 2);
        const left = house.caller("member-2", { name: "Somebody Known" });
        await house.usecases.imagine({ prompt: "hidden words", count: 1 }, left);
        await house.usecases.imagine({ prompt: "a dog", count: 1 }, house.caller("member-3", { name: "On The Way" }));
        const runner = await house.work();
        await expect.poll(() => house.posted.length).toBe(3);
        await runner.stop();
        const leaving = { member: "member-3", asked_at: house.world.now() };
        await house.database.db.insertInto("leaving_member").values(leaving).execute();
        await house.usecases.deleteData(left);
        house.world.advance(7 * dayMs);
        const posts = await look(house, 0);
        expect(posts.filter(([, what]) => what === "digest").toSorted()).toEqual([
          ["news", "digest"],
          ["operators", "digest"],
        ]);
        const [first] = house.channelPosts.filter(({ content }) => content.kind === "digest");
        expect(first?.content).toMatchObject({
          digest: {
            jobs: 3,
            images: 4,
            members: [
              { name: "member-1", images: 2 },
              { name: undefined, images: 2 },
            ],
          },
        });
        expect(JSON.stringify(house.channelPosts)).not.toMatch(/hidden words|Somebody Known|On The Way|a cat|a dog/);
        await sweepOnce(house.context);
        expect(await look(house)).toEqual([]);
        expect(await look(house, dayMs)).toEqual([]);
      },
      { retention: { contentDays: 1, referenceDays: 1 } },
    ));

  test("tell of calls of unknown outcome, to the tenant of its own and to the operator of all, once on a day", () =>
    inPlace(async (house) => {
      house.provider.scripts.push(failWith(unknownOutcome()), failWith(unknownOutcome()));
      const runner = await house.work();
      await house.end(await order(house, 1));
      await house.end(
        await house.usecases.imagine({ prompt: "b", quality: "high" }, house.caller("m", { tenant: "other" })),
      );
      await runner.stop();
      const { db } = house.database;
      await db.deleteFrom("channel_message").execute(); // the worker may have looked in between
      house.world.advance(minuteMs);
      await look(house);
      const counts = house.channelPosts.flatMap(({ channel, content }) =>
        content.kind === "alert" && content.alert.code === "unknown" ? [[channel, content.alert.count]] : [],
      );
      expect(counts).toEqual([
        ["news", 1],
        ["operators", 2],
      ]);
      expect(await look(house)).toEqual([]);
    }));

  test("are for admins to set", () =>
    inPlace(async (house) => {
      await expect(house.usecases.admin.alerts("news", house.caller())).rejects.toMatchObject({ code: "admins-only" });
      await house.usecases.admin.alerts(null, house.caller("admin-1", { rights: "admin" }));
      expect(await house.usecases.admin.alerts(undefined, house.caller("a", { rights: "admin" }))).toEqual({});
    }));
});
