import type { Browser, Page } from "playwright-core";
import type { FakeDiscord, FakeMessage } from "../../support/discord/discord.ts";
import { linksIn } from "../../support/visitor.ts";
import { resultOf, says, seen } from "./discord.ts";

const english = {
  locale: "en-US",
  prompt: "hills by the sea",
  other: "a quiet valley",
  paint: "Paint",
  gallery: "Gallery",
  change: "a lighthouse",
};
const chinese: typeof english = {
  locale: "zh-CN",
  prompt: "海边的山丘",
  other: "宁静的山谷",
  paint: "涂画",
  gallery: "图库",
  change: "一座灯塔",
};

/** A page that a member comes to by a link, as it is photographed. */
export interface PagePicture {
  readonly name: string;
  shoot(browser: Browser): Promise<Buffer>;
}

/** Photographs the pages behind the links that the bot gives: for painting, and of one's own images. */
export async function pagePictures(discord: FakeDiscord): Promise<readonly PagePicture[]> {
  const each = [english, chinese].map(async (words) => {
    const end = words === english ? "" : `.${words.locale}`;
    const { paint, gallery } = await linksFor(discord, words);
    return [
      {
        name: `paint${end}`,
        shoot: (browser: Browser) =>
          shot(browser, words, { link: paint, height: 1250, act: (page) => stroke(page, words.change) }),
      },
      { name: `gallery${end}`, shoot: (browser: Browser) => shot(browser, words, { link: gallery, height: 720 }) },
    ];
  });
  return (await Promise.all(each)).flat();
}

async function linksFor(discord: FakeDiscord, { locale, prompt, other, paint, gallery }: typeof english) {
  const channel = discord.channel(discord.guild(true, { locale }));
  const eve = discord.user("Eve");
  const linkBehind = async (message: FakeMessage, label: string) => {
    const pressed = discord.press(eve, message, label, { locale });
    return seen(discord, () => linksIn(pressed.reply?.components)[0], `the link of ${label}`);
  };
  for (const words of [other, prompt]) {
    discord.command(eve, "imagine", { prompt: words }, { channel, locale });
    await resultOf(discord, words, channel);
  }
  const history = await says(discord, discord.command(eve, "history", {}, { channel, locale }), "gallery");
  return {
    paint: await linkBehind(await resultOf(discord, prompt, channel), paint),
    gallery: await linkBehind(history, gallery),
  };
}

interface Shot {
  readonly link: string;
  readonly height: number;
  act?(page: Page): Promise<void>;
}

async function shot(browser: Browser, { locale }: typeof english, { link, height, act }: Shot): Promise<Buffer> {
  const page = await browser.newPage({ viewport: { width: 700, height }, deviceScaleFactor: 2, locale });
  await page.goto(link);
  await page.getByRole("button").first().click();
  await page.locator(".layer, .grid img").first().waitFor();
  await act?.(page);
  const taken = await page.screenshot();
  await page.close();
  return taken;
}

async function stroke(page: Page, change: string): Promise<void> {
  const box = await page.locator(".layer").boundingBox();
  if (!box) throw new Error("nothing to paint on");
  await page.mouse.move(box.x + box.width * 0.55, box.y + box.height * 0.4);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.75, box.y + box.height * 0.6, { steps: 9 });
  await page.mouse.up();
  await page.locator("textarea").first().fill(change);
  await page.waitForTimeout(1000); // how much is painted is told a moment later
  await page.getByText(/25/).first().waitFor(); // its price
}
