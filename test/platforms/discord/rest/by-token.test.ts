import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { createApi } from "../../../../src/platforms/discord/rest/api.ts";
import { testLog, testWorld } from "../../../support/world.ts";

afterEach(() => vi.useRealTimers());

test("answers to interactions wait for none of the bot's own 50 requests a second", async () => {
  const server = createServer((request, response) => {
    request.resume().on("end", () => response.setHeader("content-type", "application/json").end('{"id":"1"}'));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const api = createApi({ token: "t", apiUrl }, { world: testWorld(), log: testLog(), mayPost: () => undefined });
  vi.useFakeTimers({ toFake: ["setTimeout"] }); // who waits for the next second waits for ever
  const edits = Array.from({ length: 120 }, (_, index) => api.editOriginal("1", `token-${index}`, { components: [] }));
  expect(await Promise.all(edits)).toHaveLength(120);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
