import type { KyselyPlugin } from "kysely";
import { expect, test } from "vitest";
import type { Context } from "../../src/context.ts";
import type { Caller, UseCases } from "../../src/contract/usecases.ts";
import { createUseCases } from "../../src/usecases/create-usecases.ts";
import { openRoom } from "../support/test-bot.ts";

const draft = { prompt: "a red bicycle" };

test.each<[string, (usecases: UseCases, caller: Caller) => Promise<unknown>]>([
  ["an order", (usecases, caller) => usecases.submit({ kind: "draft", draft }, caller)],
  ["a statement", (usecases, caller) => usecases.credits(caller)],
  ["a search", (usecases, caller) => usecases.history(caller, { search: "bicycle", limit: 5 })],
])("%s that is not admitted asks nothing of the database", async (_, ask) => {
  const room = await openRoom();
  let queries = 0;
  const count: KyselyPlugin = {
    transformQuery({ node }) {
      queries += 1;
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  const { database } = room;
  const opened = Promise.withResolvers<void>();
  const context: Context = {
    ...room.context,
    database: { ...database, db: database.db.withPlugin(count), reports: database.reports.withPlugin(count) },
    admit: async (work) => {
      await opened.promise;
      return work();
    },
  };
  const answer = ask(createUseCases(context), room.caller());
  await new Promise(setImmediate);
  expect(queries).toBe(0);
  opened.resolve();
  await answer;
  expect(queries).toBeGreaterThan(0);
  await room.close();
});

test("an order waits to be looked at, priced and accepted; nobody waits for it while its answer is on its way", async () => {
  const room = await openRoom();
  let [admitted, inside] = [0, 0];
  const context: Context = {
    ...room.context,
    admit: async (work) => {
      admitted += 1;
      inside += 1;
      return work().finally(() => {
        inside -= 1;
      });
    },
  };
  const caller = room.caller();
  const insideAtAnnouncement: number[] = [];
  const announce = async () => {
    insideAtAnnouncement.push(inside);
    return caller.replyTarget;
  };
  const made = await createUseCases(context).submit({ kind: "draft", draft }, caller, { announce });
  expect(made.kind).toBe("job");
  expect({ admitted, insideAtAnnouncement }).toEqual({ admitted: 3, insideAtAnnouncement: [0] });
  await room.close();
});
