import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Browser, chromium } from "playwright-core";
import sharp from "sharp";
import { runAtelier, startAtelier } from "../../support/atelier.ts";
import { startFakeDiscord } from "../../support/discord/discord.ts";
import { freePort } from "../../support/free-port.ts";
import { fakeSlack } from "../../support/slack/slack.ts";
import { discordPictures } from "./discord.ts";
import { comparePictures } from "./discord-compare.ts";
import { describePictures, serverPictures } from "./discord-server.ts";
import { studioPictures } from "./discord-studio.ts";
import { pagePictures } from "./pages.ts";
import type { Picture } from "./picture.ts";
import { slackPictures } from "./slack.ts";

/**
 * `npm run draw` draws the pictures of the documents from what the bot sends: the real program runs between a Discord
 * and a Slack on this machine, and its messages are shown in the look of each, by Debian's chromium or the one that
 * CHROMIUM names.
 */
const [folder = "docs/pictures"] = process.argv.slice(2);
const [width, scale] = [700, 2];
const mostBytes = 250_000;
const data = mkdtempSync(path.join(tmpdir(), "atelier-draw-"));
const sandbox = { DATA_DIR: data, SANDBOX_DELAY_MS: "4000" };
await runAtelier(["imagine", "a paper boat", "--out", data], sandbox); // from then on it can tell how long one takes
const discord = await startFakeDiscord();
const slack = await fakeSlack();
const port = await freePort();
const bot = await startAtelier({
  ...sandbox,
  ...{ PORT: String(port), PUBLIC_URL: `http://127.0.0.1:${port}`, PLAYGROUND: "off" },
  ...{ DISCORD_TOKEN: discord.token, DISCORD_API_URL: discord.url },
  ...{ SLACK_BOT_TOKEN: slack.slack.botToken, SLACK_APP_TOKEN: slack.slack.appToken, SLACK_API_URL: slack.apiUrl },
});
const limit = setTimeout(() => {
  throw new Error("the bot has not sent in four minutes what is to be drawn");
}, 240_000);
const [pages, ...chats] = await Promise.all([
  pagePictures(discord),
  discordPictures(discord),
  studioPictures(discord),
  describePictures(discord),
  serverPictures(discord),
  comparePictures(),
  slackPictures(slack),
]);
clearTimeout(limit);
const violations = [...discord.violations, ...slack.slack.violations];
if (violations.length > 0) throw new Error(`no service would show this: ${violations.join("; ")}`);

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const browser = await chromium.launch({ executablePath, args: ["--headless", "--no-sandbox", "--disable-gpu"] });
mkdirSync(folder, { recursive: true });
for (const picture of chats.flat()) await keep(picture.name, await drawn(browser, picture));
for (const page of pages) await keep(page.name, await page.shoot(browser));
await browser.close();
await bot.stop();
await Promise.all([discord.stop(), slack.close()]);
rmSync(data, { recursive: true });

async function drawn(browser: Browser, { look, body }: Picture): Promise<Buffer> {
  const style = globSync(path.join(import.meta.dirname, `${look}*.css`)).map((file) => readFileSync(file, "utf8"));
  const page = await browser.newPage({ viewport: { width, height: 100 }, deviceScaleFactor: scale });
  await page.setContent(`<!doctype html><style>body { margin: 0 } ${style.join("")}</style>${body.text}`);
  const shot = await page.screenshot({ fullPage: true });
  await page.close();
  return shot;
}

async function keep(name: string, shot: Buffer): Promise<void> {
  const file = path.join(folder, `${name}.png`);
  writeFileSync(file, await compressed(name, shot));
  process.stdout.write(`${file}\n`);
}

async function compressed(name: string, shot: Buffer): Promise<Buffer> {
  for (const colours of [256, 192, 128, 64]) {
    const small = await sharp(shot).png({ palette: true, colours, dither: 0.8, effort: 10 }).toBuffer();
    if (small.length < mostBytes) return small;
  }
  throw new Error(`${name}.png would be too large`);
}
