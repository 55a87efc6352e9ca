import { existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { createImages } from "../../src/images/create-images.ts";
import { createUseCases } from "../../src/usecases/create-usecases.ts";
import { sweepOnce } from "../../src/usecases/privacy/retention.ts";
import { photo } from "../images/samples.ts";
import { fakeS3, fakeS3Credentials } from "../support/fake-s3.ts";
import { openRoom, type TestBot } from "../support/test-bot.ts";
import { setFileTimes } from "../worker/spool-clock.ts";

const dayMs = 86_400_000;
let house: TestBot;

beforeEach(async () => {
  house = await openRoom();
});
afterEach(() => house.close());

const order = { kind: "draft", draft: { prompt: "@fox at night" } } as const;

async function fox() {
  const file = path.join(house.folder, "fox.png");
  writeFileSync(file, await photo().png().toBuffer());
  return { name: "fox", images: [{ filename: "fox.png", source: { path: file } }] };
}

test("a saved image is there after a restart, and after days of cleaning", async () => {
  await house.usecases.references.save(await fox(), house.caller());
  setFileTimes(house);
  house.world.advance(400 * dayMs);
  await sweepOnce(house.context);
  const restarted = createUseCases(house.context);
  const submitted = await restarted.submit(order, house.caller());
  expect(submitted).toMatchObject({ kind: "job", job: { request: { named: [{ name: "fox" }] } } });
});

test("with a shared storage, another machine with an empty disk draws from it", async () => {
  const s3 = await fakeS3();
  onTestFinished(() => s3.close());
  const credentials = fakeS3Credentials;
  const shared = {
    bucket: "pictures",
    prefix: "bot",
    endpoint: s3.endpoint,
    region: "auto",
    credentials,
    timeoutMs: 2000,
  };
  const machine = (name: string) => {
    const directory = path.join(house.folder, name);
    const images = createImages({ directory, trustedOrigins: [], log: house.log, shared });
    return { images, usecases: createUseCases({ ...house.context, images }) };
  };
  await machine("one").usecases.references.save(await fox(), house.caller());
  const other = machine("other");
  const submitted = await other.usecases.submit(order, house.caller());
  if (submitted.kind !== "job") return expect.fail(submitted.kind);
  const [image] = submitted.job.request.references;
  expect(image && existsSync(other.images.pathOf(image))).toBe(true);
});
