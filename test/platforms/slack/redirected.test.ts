import { afterEach, beforeEach, expect, it } from "vitest";
import { createSlack } from "../../../src/platforms/slack/slack.ts";
import { downloader, failureOf } from "../../images/download/fetching.ts";
import { type FileServer, fileServer, serving } from "../../images/file-server.ts";
import { type SlackHouse, slackHouse } from "../../support/slack/context.ts";
import { memberFile } from "../../support/slack/files.ts";

/** Slack lives at `localhost` here, and the files of Enterprise Grid at other hosts below it. */
let house: SlackHouse;
let slack: ReturnType<typeof createSlack>;
let origin: string;
let keeper: FileServer;

beforeEach(async () => {
  house = await slackHouse();
  await house.platform.stop();
  const here = (url: string) => url.replace("127.0.0.1", "localhost");
  origin = here(house.origin);
  slack = createSlack({ ...house.options, apiUrl: here(house.options.apiUrl) }, house.context);
  await slack.start();
  keeper = await fileServer((request, response) => {
    if (request.headers.authorization === `Bearer ${house.slack.botToken}`)
      serving(Buffer.from("png"))(request, response);
    else serving(Buffer.from("<title>Sign in</title>"), "text/html")(request, response);
  });
});
afterEach(async () => {
  await slack.stop();
  await house.close();
  expect(house.slack.violations).toEqual([]);
});

/** Fetches the image of a mention as the bot does. */
async function fetched(host: string): Promise<Buffer> {
  house.slack.movedFiles.set("photo.png", `http://${host}:${keeper.port}/files-pri/T1-F1/photo.png`);
  const files = [memberFile(origin, "photo.png")];
  await house.member().mention("in oil", { channel: "C1", more: { subtype: "file_share", files } });
  const [image] = (await house.slack.until(() => house.usecases.starts[0])).draft.images ?? [];
  if (!image || !("url" in image.source)) throw new Error("no image came along");
  const { url, ...authorized } = image.source;
  return downloader([origin, `http://${host}:${keeper.port}`])(url, authorized);
}

it.each(["files.localhost", "files-edge.grid.localhost"])("fetches a file that Slack keeps at %s", async (host) => {
  expect(String(await fetched(host))).toBe("png");
});

it.each(["elsewhere.example", "notlocalhost", "localhost.example"])("gives no token to %s", async (host) => {
  expect((await failureOf(fetched(host))).fault).toBe("not-an-image");
  expect(keeper.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
});
