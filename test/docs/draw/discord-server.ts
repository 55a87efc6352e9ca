import type { FakeDiscord, FakeMessage } from "../../support/discord/discord.ts";
import { known, picture, resultOf, says, seen } from "./discord.ts";
import { drawChannel, drawMessage, later } from "./discord-channel.ts";
import { drawModal } from "./discord-parts.ts";
import type { Picture } from "./picture.ts";

/** Alerts are looked for once in so long. */
const alertMs = 70_000;

/** Draws what those who manage a server see: the first words, alerts, approvals. */
export async function serverPictures(discord: FakeDiscord): Promise<readonly Picture[]> {
  const draw = (message: FakeMessage) => drawMessage(discord, message, known(discord));
  const server = openServer(discord);
  const [welcome, alerts, approval] = await Promise.all([server.welcome(), server.alerts(), server.approval()]);
  return [
    picture("discord-welcome", drawChannel(welcome.map(draw))),
    picture("discord-alerts", drawChannel(alerts.map(draw))),
    picture("discord-approval", drawChannel([...approval.asked, later, draw(approval.answered)])),
  ];
}

/** Servers of one admin, each with a channel. */
function openServer(discord: FakeDiscord) {
  const [ann, boss] = [discord.user("Ann"), discord.user("Bea")];
  const place = () => discord.channel(discord.guild(true, { locale: "en-US" }));
  const posted = (channel: ReturnType<typeof place>, words: string, limitMs?: number) => {
    const find = () => discord.messages(channel).find(({ content }) => content.includes(words));
    return discord.state.until(find, words, limitMs);
  };
  return {
    async welcome() {
      const guild = discord.guild(true, { joinedAt: new Date(discord.state.now()).toISOString() });
      const channel = discord.channel(guild);
      discord.gateway.announce(guild);
      return [await posted(channel, "I draw images")];
    },
    async alerts() {
      const channel = place();
      const admin = (name: string, values: Record<string, unknown>) =>
        discord.command(boss, name, values as never, { channel, admin: true });
      await says(discord, admin("admin alerts", { channel: { picked: channel.id } }), "weekly digest");
      await says(discord, admin("admin budget", { monthly: 30 }), "30");
      discord.command(ann, "imagine", { prompt: "a paper boat", size: "1536x1024" }, { channel });
      const alert = await posted(channel, "80 %", alertMs);
      return [await posted(channel, "is set up"), alert];
    },
    async approval() {
      const channel = place();
      const rule = { above: 10, channel: { picked: channel.id } };
      const set = discord.command(boss, "admin approval", rule, { channel, admin: true });
      await says(discord, set, "10");
      const asked = discord.command(ann, "imagine", { prompt: "a paper boat", size: "1536x1024" }, { channel });
      const waiting = drawMessage(discord, await says(discord, asked, "approval"), known(discord), asked);
      const question = await posted(channel, "May this be made");
      const shown = drawMessage(discord, question, known(discord));
      discord.press(boss, question, "Approve", { admin: true });
      const answered = await seen(discord, () => question.content.includes("Approved") && question, "the answer");
      return { asked: [waiting, shown], answered };
    },
  };
}

const english = {
  locale: "en-US",
  prompt: "hills above the fog",
  describe: "Describe",
  alt: "Blue hills rise out of morning fog",
};
const chinese: typeof english = {
  locale: "zh-CN",
  prompt: "雾上的山丘",
  describe: "描述",
  alt: "晨雾中露出的蓝色山丘",
};

/** Draws the form behind Describe, in each language. */
export async function describePictures(discord: FakeDiscord): Promise<readonly Picture[]> {
  const each = [english, chinese].map(async (words) => {
    const { locale, prompt } = words;
    const channel = discord.channel(discord.guild(true, { locale }));
    const ann = discord.user("Ann");
    discord.command(ann, "imagine", { prompt, size: "1536x1024" }, { channel, locale });
    const result = await resultOf(discord, prompt, channel);
    const modal = await formOf(discord, () => discord.press(ann, result, words.describe, { locale }));
    const [first] = modal.components;
    const part = first && "component" in first ? first.component.custom_id : "";
    return picture(`discord-describe${words === english ? "" : `.${locale}`}`, drawModal(modal, { [part]: words.alt }));
  });
  return Promise.all(each);
}

/** Presses again while the job whose image is there already is not quite over. */
async function formOf(discord: FakeDiscord, press: () => ReturnType<FakeDiscord["press"]>) {
  for (;;) {
    const pressed = press();
    await seen(discord, () => pressed.modal ?? pressed.reply, "the form");
    if (pressed.modal) return pressed.modal;
  }
}
