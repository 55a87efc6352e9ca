import { expect, test } from "vitest";
import { countChanges } from "../support/changes-counted.ts";
import { onBothStores } from "../support/stores.ts";
import { openRoom } from "../support/test-bot.ts";

onBothStores("a job of one image", (store) => {
  test("is written down in six transactions, from the command to the credits that are taken", async () => {
    const { database, commits } = countChanges(await store.open());
    const room = await openRoom({ database });
    await room.work();
    await room.end(await room.usecases.imagine({ prompt: "a red bicycle" }, room.caller("member-2")));
    const before = commits();
    const job = await room.usecases.imagine({ prompt: "a blue bicycle" }, room.caller());
    expect((await room.end(job)).state).toBe("delivered");
    // Accepted, claimed; about to send; call answered and on its way; post claimed; posted and paid.
    expect(commits() - before).toBe(6);
    await room.close();
  });
});
