import { beforeEach, expect, test } from "vitest";
import { createReach, type Reach } from "../../src/worker/reach.ts";
import { type TestLog, type TestWorld, testLog, testWorld } from "../support/world.ts";

let world: TestWorld;
let log: TestLog;
let isThere: boolean | "silent";
let asked: number;
let opened: number;
beforeEach(() => {
  [world, log] = [testWorld(), testLog()];
  [isThere, asked, opened] = [true, 0, 0];
});

const chat = {
  deliver: async () => ({ route: "none" }) as const,
  async ping() {
    asked += 1;
    if (isThere === "silent") return new Promise<void>(() => undefined);
    if (!isThere) throw new Error("connect ECONNREFUSED");
  },
};
const terminal = { deliver: chat.deliver };

function reachOf(): Reach {
  const platform = (name: string) => (name === "chat" ? chat : terminal);
  return createReach({ platform, world, log }, ["chat", "terminal"], () => {
    opened += 1;
  });
}
const turn = async () => {
  for (let i = 0; i < 20; i++) await new Promise(setImmediate);
};

test("a platform is asked before it counts as there, and one that cannot be asked always is", async () => {
  const reach = reachOf();
  expect(reach.open()).toEqual(["terminal"]);
  reach.start();
  await reach.reached();
  expect(reach.open()).toEqual(["chat", "terminal"]);
  expect([opened, reach.isOpen("chat"), reach.isOpen("elsewhere")]).toEqual([1, true, false]);
  await reach.stop();
});

test("a platform that is away is asked with growing pauses, and told once each way", async () => {
  isThere = false;
  const reach = reachOf();
  reach.start();
  const pauses: number[] = [];
  for (let seconds = 0, before = 0; pauses.length < 8; seconds++) {
    await turn();
    if (asked > before) pauses.push(seconds);
    before = asked;
    world.advance(1000);
  }
  const between = pauses.slice(1).map((at, i) => at - (pauses[i] ?? 0));
  expect(between).toEqual([1, 2, 4, 8, 16, 30, 30]);
  isThere = true;
  world.advance(30_000);
  await reach.reached();
  expect(log.lines.map(({ level, message }) => `${level} ${message.split(":")[0]}`)).toEqual([
    "warn platform out of reach",
    "info platform in reach again",
  ]);
  await reach.stop();
});

test("a platform that says nothing is away", async () => {
  isThere = "silent";
  const reach = reachOf();
  reach.start();
  await turn();
  world.advance(10_000);
  await turn();
  expect(log.lines).toHaveLength(1);
  await reach.stop();
});

test("a platform that goes away while nothing is posted is noticed within seconds", async () => {
  const reach = reachOf();
  reach.start();
  await reach.reached();
  await turn();
  isThere = false;
  world.advance(15_000);
  await turn();
  expect(reach.isOpen("chat")).toBe(false);
  await reach.stop();
});

test("a post that did not get through closes a platform that is away, and no other", async () => {
  const reach = reachOf();
  reach.start();
  await reach.reached();
  expect(await reach.confirm("chat")).toBe(true);
  isThere = false;
  expect(await Promise.all([reach.confirm("chat"), reach.confirm("chat")])).toEqual([false, false]);
  expect([reach.isOpen("chat"), asked]).toEqual([false, 3]); // those who ask together share the answer
  isThere = true;
  await turn();
  world.advance(1000);
  await turn();
  expect(reach.isOpen("chat")).toBe(true);
  await reach.stop();
});
