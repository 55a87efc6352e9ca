import type { FakeDiscord, FakeInteraction, FakeMessage } from "../../support/discord/discord.ts";
import { known, picture, resultOf, says, seen } from "./discord.ts";
import { drawChannel, drawMessage } from "./discord-channel.ts";
import type { Picture } from "./picture.ts";

const english = {
  locale: "en-US",
  draft: "layered mountains at dawn",
  final: "Final",
  price: "This costs",
  hills: "quiet hills",
  style: { after: "at dusk, long shadows", prompt: "a lake between hills" },
  saveAs: "Save image as…",
  saved: "@hills in winter",
  batch: { prompt: "{red, blue} hills", inAll: "in all", yes: "Yes, for at most 50 credits" },
};
const chinese: typeof english = {
  locale: "zh-CN",
  draft: "清晨的层叠远山",
  final: "定稿",
  price: "点",
  hills: "宁静的山丘",
  style: { after: "黄昏，长长的影子", prompt: "山间的湖" },
  saveAs: "图片存为…",
  saved: "@hills 的冬天",
  batch: { prompt: "{红, 蓝}色山丘", inAll: "50", yes: "好，最多 50 点" },
};

/** Draws what members make of their images: drafts that are finished, styles, and images under names. */
export async function studioPictures(discord: FakeDiscord): Promise<readonly Picture[]> {
  const each = [english, chinese].map(async (words) => {
    const end = words === english ? "" : `.${words.locale}`;
    const studio = openStudio(discord, words);
    return [
      picture(`discord-final${end}`, drawChannel(await studio.finished())),
      picture(`discord-style${end}`, drawChannel(await studio.inStyle())),
      picture(`discord-saved${end}`, drawChannel(await studio.saved())),
      picture(`discord-batch${end}`, drawChannel(await studio.batch())),
    ];
  });
  return (await Promise.all(each)).flat();
}

/** A channel of a server in which one member works, one thing after another. */
function openStudio(discord: FakeDiscord, words: typeof english) {
  const { locale } = words;
  const channel = discord.channel(discord.guild(true, { locale }));
  const ann = discord.user("Ann");
  const command = (name: string, options: Record<string, unknown>) =>
    discord.command(ann, name, options as never, { channel, locale });
  const draw = (message: FakeMessage, asked?: FakeInteraction, used?: string) =>
    drawMessage(discord, message, known(discord), asked, used);
  const imagine = async (prompt: string, options: Record<string, unknown> = {}) => {
    command("imagine", { prompt, size: "1536x1024", ...options });
    return resultOf(discord, prompt, channel);
  };
  return {
    async finished() {
      const draft = await imagine(words.draft, { quality: "low" });
      const pressed = discord.press(ann, draft, words.final, { locale });
      const question = await says(discord, pressed, words.price);
      return [draw(draft), draw(question)];
    },
    async inStyle() {
      const asked = command("style save", { name: "dusk", after: words.style.after, quality: "high" });
      const saved = await says(discord, asked, "dusk");
      const result = await imagine(words.style.prompt, { style: "dusk" });
      return [draw(saved, asked, "style save"), draw(result)];
    },
    async batch() {
      const asked = command("imagine", { prompt: words.batch.prompt, size: "1536x1024" });
      const question = draw(await says(discord, asked, words.batch.inAll), asked);
      discord.press(ann, asked.reply as FakeMessage, words.batch.yes, { locale });
      const filled = () => discord.messages(channel).find(({ attachments }) => attachments.length === 2);
      const message = await seen(discord, filled, "the images of the batch");
      return [question, draw(message)];
    },
    async saved() {
      const hills = await imagine(words.hills);
      const pressed = discord.press(ann, hills, words.saveAs, { locale });
      await seen(discord, () => pressed.modal, "the form");
      const sent = discord.submitModal(ann, pressed, { name: "hills" });
      const saved = await says(discord, sent, "hills");
      const asked = command("imagine", { prompt: words.saved });
      const answer = await says(discord, asked, "hills");
      return [draw(saved), draw(answer, asked)];
    },
  };
}
