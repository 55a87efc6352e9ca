import { expect, onTestFinished, test } from "vitest";
import { openStorm } from "../support/storm.ts";

/** `npm run bench -- storm` does the same with 200 members for a minute, and measures it. */
test("a hostile server silences nobody, and gets nothing for nothing: others are acknowledged, their images come, the books balance", async () => {
  const storm = await openStorm({ members: 40, seed: 15 });
  onTestFinished(storm.close);
  const honest = [];
  for (let round = 0; round < 3; round += 1) {
    for (let act = 0; act < 39; act += 1) storm.attack();
    honest.push(await storm.askHonestly());
  }
  expect(honest.map(({ ackMs }) => ackMs === undefined)).toEqual([false, false, false]);
  expect(storm.discord.requests.filter(({ path, status }) => path.endsWith("/callback") && status >= 400)).toEqual([]);
  expect(storm.discord.invalidRequests).toBeLessThan(100);
  expect(storm.bot.lines.filter(({ level }) => level === 50)).toEqual([]);
  const { code, stdout } = await storm.audit();
  expect(stdout).not.toContain("wrong");
  expect(code).toBe(0);
}, 120_000);
