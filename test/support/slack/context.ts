import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import express from "express";
import { commands } from "../../../commands/index.ts";
import type { NewStep } from "../../../src/contract/steps.ts";
import type { StoredImage } from "../../../src/image.ts";
import type { PlatformContext } from "../../../src/platforms/platform.ts";
import { createSealer } from "../../../src/platforms/seal.ts";
import { createSlack, type SlackOptions } from "../../../src/platforms/slack/slack.ts";
import { impatientWorld, memoryCache, testLog } from "../world.ts";
import { member } from "./member.ts";
import { eventPayload } from "./payloads.ts";
import { fakeSlack } from "./slack.ts";
import { httpLine, type SlackLine } from "./socket.ts";
import type { Json } from "./state.ts";
import { slackUseCases } from "./usecases.ts";

/** The bot in a workspace: a fake Slack, the platform under test connected to it, and a member. */
export async function slackHouse(mode: "socket" | "http" = "socket", change: Partial<SlackOptions> = {}) {
  const fake = await fakeSlack();
  const directory = await mkdtemp(join(tmpdir(), "atelier-slack-"));
  const usecases = slackUseCases();
  const context = slackContext(usecases, directory);
  fake.slack.pace.now = context.world.now;
  const options: SlackOptions = { ...optionsFor(fake, mode), ...change };
  const platform = createSlack(options, context);
  const others: (typeof platform)[] = [];
  const web = await serve(platform.router);
  await platform.start();
  const line: SlackLine = mode === "http" ? httpLine(fake.slack, web.url) : fake.line;
  return {
    ...fake,
    options,
    context,
    usecases,
    platform,
    line,
    eventsUrl: web.url,
    folder: directory,
    /** Where people install the app. */
    pagesUrl: web.url.replace(/events$/, ""),
    member: (who?: Parameters<typeof member>[3]) => member(fake.slack, line, fake.origin, who),
    /** Slack tells something by itself. */
    tell(event: Json, team = fake.slack.team, more: Json = {}) {
      const who = { slack: fake.slack, origin: fake.origin, team, id: "", name: "" };
      return line.send("events_api", { ...eventPayload(who, event), ...more });
    },
    /** The platform in another process, which is not started and remembers nothing. */
    another() {
      const made = createSlack(options, { ...context, cache: memoryCache() });
      others.push(made);
      return made;
    },
    /** A file on disk that begins as images of that format do. */
    image: (name: string, format: StoredImage["format"] = "png") => storedImage(directory, name, format),
    async close() {
      // What is left running would look for its Slack for ever, and at once: nobody waits in this world.
      for (const each of [platform, ...others]) await each.stop();
      await web.close();
      await fake.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export type SlackHouse = Awaited<ReturnType<typeof slackHouse>>;

function optionsFor({ slack, apiUrl }: Awaited<ReturnType<typeof fakeSlack>>, mode: "socket" | "http") {
  const secret = mode === "http" ? { signingSecret: slack.signingSecret } : { appToken: slack.appToken };
  return { botToken: slack.botToken, apiUrl, locale: "en", ...secret };
}

function slackContext(usecases: PlatformContext["usecases"], directory: string) {
  const acknowledged: number[] = [];
  return {
    commands,
    usecases,
    world: impatientWorld(Date.now()), // signatures go by the real time
    log: testLog(),
    cache: memoryCache(),
    seal: createSealer("the secret of this installation"),
    installations: memoryInstallations(),
    steps: memorySteps(),
    acknowledged,
    observer: {
      acknowledged: ({ ms }: { ms: number }) => void acknowledged.push(ms),
    },
    fit: async (image: StoredImage, { formats }: { formats: readonly string[] }) => {
      const fits = formats.includes(image.format);
      const path = join(directory, fits ? image.file : `${image.file}.jpeg`);
      if (!fits) await writeFile(path, magic.jpeg);
      const bytes = fits ? image.bytes : magic.jpeg.length;
      const still = !fits && image.file.startsWith("moving") ? ({ firstFrame: true } as const) : {};
      return { path, format: fits ? image.format : ("jpeg" as const), bytes, changed: !fits, ...still };
    },
  };
}

/** Steps of workflows, as they were written down; with `closed`, none can be. */
function memorySteps() {
  const steps = {
    added: [] as NewStep[],
    closed: undefined as Promise<void> | undefined,
    async add(step: NewStep): Promise<void> {
      await steps.closed;
      steps.added.push(step);
    },
  };
  return steps;
}

function memoryInstallations() {
  const kept = new Map<string, string>();
  return {
    kept,
    get: async (key: string) => kept.get(key),
    set: async (key: string, sealed: string) => void kept.set(key, sealed),
    delete: async (key: string) => void kept.delete(key),
    list: async (prefix: string) =>
      [...kept].filter(([key]) => key.startsWith(prefix)).map(([key, sealed]) => ({ key, sealed })),
  };
}

const magic = {
  png: Buffer.from("\x89PNG\r\n\x1a\n and then some", "latin1"),
  jpeg: Buffer.from("\xff\xd8\xff and then some", "latin1"),
  webp: Buffer.from("RIFF....WEBP and then some", "latin1"),
  gif: Buffer.from("GIF89a and then some", "latin1"),
};

async function storedImage(directory: string, name: string, format: StoredImage["format"]): Promise<StoredImage> {
  const bytes = Buffer.concat([magic[format], Buffer.from(name)]);
  await writeFile(join(directory, name), bytes);
  return { file: name, sha256: "", format, bytes: bytes.length, width: 1024, height: 1024 };
}

async function serve(router: express.Router | undefined) {
  const app = express();
  if (router) app.use("/slack", router);
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/slack/events`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
