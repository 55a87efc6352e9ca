import { afterEach, beforeEach, expect, test } from "vitest";
import type { DescriptionChange, JobView } from "../../src/contract/usecases.ts";
import { onBothStores } from "../support/stores.ts";
import { openRoom, type TestBot } from "../support/test-bot.ts";

let house: TestBot;

const boss = () => house.caller("boss", { rights: "admin" });
const drawn = async (count = 1, caller = house.caller()): Promise<JobView> =>
  house.end(await house.usecases.imagine({ prompt: "a fox", count }, caller));
const change = (changes: readonly DescriptionChange[], caller = house.caller()) =>
  house.usecases.descriptions.change(changes, caller);
const notesOf = ({ images }: Pick<JobView, "images">) =>
  images.map(({ description, spoiler }) => [description, spoiler]);
const looked = async (id: string) => notesOf(await house.usecases.job(id, house.caller()));

onBothStores("descriptions", (store) => {
  beforeEach(async () => {
    house = await openRoom({ database: await store.open() });
    await house.work();
  });
  afterEach(() => house.close());

  test("changes what is named, keeps the rest, and takes empty words for the prompt's", async () => {
    const { id: job } = await drawn(2);
    const { jobs } = await change([{ of: { job, index: 1 }, alt: "  A fox, asleep \n" }]);
    expect(jobs.map(notesOf)).toEqual([
      [
        [undefined, undefined],
        ["A fox, asleep", undefined],
      ],
    ]);
    await change([{ of: { job, index: 1 }, spoiler: true }]);
    await change([{ of: { job, index: 0 }, spoiler: false }]);
    expect(await looked(job)).toEqual([
      [undefined, false],
      ["A fox, asleep", true],
    ]);
    await change([{ of: { job, index: 1 }, alt: " " }]);
    expect((await looked(job))[1]).toEqual([undefined, true]);
  });

  test("changes all or nothing", async () => {
    const { id: job } = await drawn();
    const both = [0, 1].map((index) => ({ of: { job, index }, alt: "A fox" }));
    await expect(change(both)).rejects.toMatchObject({ code: "job-has-no-images" });
    await expect(change([{ of: { job, index: 0 }, alt: "x".repeat(1025) }])).rejects.toMatchObject({
      code: "description-too-long",
      facts: { length: 1025, limit: 1024 },
    });
    expect(await looked(job)).toEqual([[undefined, undefined]]);
  });

  test("is the owner's alone, not even an admin's, and only once the job is over", async () => {
    const { id: job } = await drawn();
    for (const caller of [boss(), house.caller("member-2")]) {
      await expect(change([{ of: { job, index: 0 }, alt: "mine" }], caller)).rejects.toMatchObject({
        code: "job-not-yours",
      });
      await expect(house.usecases.descriptions.of([job], caller)).rejects.toMatchObject({ code: "job-not-yours" });
    }
    const hidden = await house.end(await house.usecases.imagine({ prompt: "a fox", private: true }, house.caller()));
    await expect(house.usecases.descriptions.of([hidden.id], house.caller("member-2"))).rejects.toMatchObject({
      code: "job-unknown",
    });
    await expect(house.usecases.descriptions.of([], house.caller())).rejects.toMatchObject({
      code: "job-has-no-images",
    });
  });

  test("refuses the words that prompts may not hold, and those whom the bot serves no more", async () => {
    const { id: job } = await drawn();
    const { admin } = house.usecases;
    await admin.changeRules({ blockedWords: ["weasel"], spoiler: true }, boss());
    await expect(change([{ of: { job, index: 0 }, alt: "A Weasel" }])).rejects.toMatchObject({ code: "word-blocked" });
    expect(await house.usecases.descriptions.of([job], house.caller())).toMatchObject({ hidesAll: true });
    await admin.block(house.caller().member, true, boss());
    await expect(change([{ of: { job, index: 0 }, spoiler: true }])).rejects.toMatchObject({ code: "member-blocked" });
  });

  test("is exported with the images, and deleted with them", async () => {
    const { id: job } = await drawn();
    await change([{ of: { job, index: 0 }, alt: "A fox, asleep" }]);
    const { document } = await house.usecases.exportData(house.caller());
    expect(JSON.parse(document.join("")).jobs[0]).toMatchObject({ descriptions: ["A fox, asleep"] });
    await house.usecases.remove(job, house.caller());
    await expect(house.usecases.descriptions.of([job], house.caller())).rejects.toMatchObject({ code: "job-erased" });
    const rows = await house.database.db.selectFrom("artifact").selectAll().where("job", "=", job).execute();
    expect(rows).toEqual([]);
  });
});
