import { expect, test } from "vitest";
import type { FakeInteraction, FakeMessage } from "../support/discord/discord.ts";
import { buttonsOf } from "../support/discord/member.ts";
import type { FakeUser } from "../support/discord/state.ts";
import { stages } from "./discord-stage.ts";

const stage = stages();

async function drawn(values: Record<string, string | number> = {}) {
  const { discord } = stage();
  const command = discord.command(discord.user("Ann"), "imagine", { prompt: "a red fox", quality: "low", ...values });
  const [message] = await stage().results(1);
  await stage().says(command, "Done");
  return { ann: command.user, message: message as FakeMessage };
}

/** Opens the form: again, while the job whose images are there already is not quite over. */
async function opened(user: FakeUser, message: FakeMessage): Promise<FakeInteraction> {
  const { discord } = stage();
  const pressed = discord.press(user, message, "Describe");
  await discord.until(() => pressed.modal ?? pressed.reply, "the form");
  return pressed.reply?.content.includes("not finished yet") ? opened(user, message) : pressed;
}

type Values = Readonly<Record<string, string | readonly string[]>>;

async function sent(user: FakeUser, pressed: FakeInteraction, values: Values, words = "Changed"): Promise<void> {
  const form = stage().discord.submitModal(user, pressed, values);
  await stage().discord.until(() => form.followUps.some(({ content }) => content.includes(words)), `“${words}”`);
}

const partsOf = ({ modal }: FakeInteraction) =>
  (modal?.components ?? []).flatMap((part) => ("component" in part ? [part.component.custom_id] : []));
const altsOf = ({ attachments }: FakeMessage) => attachments.map(({ description }) => description);
const hiddenIn = ({ attachments }: FakeMessage) => attachments.map(({ spoiler }) => spoiler === true);
const galleryOf = ({ components }: FakeMessage) =>
  components.flatMap((part) =>
    part.type === 12 ? part.items.map(({ description, spoiler }) => [description, spoiler]) : [],
  );

test("the owner describes and hides an image in place, and both stay wherever it is shown again, after a restart too", async () => {
  const { discord } = stage();
  const { ann, message } = await drawn();
  const [file] = message.attachments;
  const uploads = discord.state.files.size;
  const [labels, words] = [buttonsOf(message), message.content];
  const pressed = await opened(ann, message);
  const [alt = ""] = partsOf(pressed);
  expect(JSON.stringify(pressed.modal)).toContain("Generated image: a red fox");
  await sent(ann, pressed, { [alt]: "A fox asleep in the snow", hidden: "true" });
  expect([altsOf(message), hiddenIn(message)]).toEqual([["A fox asleep in the snow"], [true]]);
  expect(galleryOf(message)).toEqual([["A fox asleep in the snow", true]]);
  expect([message.attachments[0]?.id, discord.state.files.size]).toEqual([file?.id, uploads]);
  expect([buttonsOf(message), message.content]).toEqual([labels, words]);

  await stage().restart();
  const history = discord.command(ann, "history");
  await stage().says(history, "Your images");
  const show = discord.press(ann, history.reply as FakeMessage, "Show");
  const again = await discord.until(() => show.reply?.attachments.length === 1 && show.reply, "the image again");
  expect([altsOf(again), hiddenIn(again)]).toEqual([["A fox asleep in the snow"], [true]]);

  const open = await opened(ann, again);
  await sent(ann, open, { [partsOf(open)[0] ?? ""]: "", hidden: "false" });
  for (const each of [again, message]) {
    expect([altsOf(each), hiddenIn(each)]).toEqual([["Generated image: a red fox"], [false]]);
  }
});

test("only the owner may, words that are blocked here may not, and a message that is gone keeps its words for later", async () => {
  const { discord } = stage();
  const { ann, message } = await drawn();
  const ben = discord.press(discord.user("Ben"), message, "Describe");
  await stage().says(ben, "That belongs to somebody else");
  expect(ben.reply?.ephemeral).toBe(true);
  const rules = discord.command(ann, "admin rules", { "block-word": "weasel" }, { admin: true });
  await stage().says(rules, "weasel");
  const pressed = await opened(ann, message);
  const [alt = ""] = partsOf(pressed);
  await sent(ann, pressed, { [alt]: "A W e a s e l, or a Weasel" }, "not allowed");
  expect(altsOf(message)).toEqual(["Generated image: a red fox"]);
  const late = await opened(ann, message);
  discord.state.messages.splice(discord.state.messages.indexOf(message), 1);
  await sent(ann, late, { [alt]: "A fox" }, "Kept for later");
  const history = discord.command(ann, "history");
  await stage().says(history, "Your images");
  const show = discord.press(ann, history.reply as FakeMessage, "Show");
  const again = await discord.until(() => show.reply?.attachments.length === 1 && show.reply, "the image again");
  expect(altsOf(again)).toEqual(["A fox"]);
});

test("an image in a thread that was archived meanwhile is described all the same", async () => {
  const { discord } = stage();
  const thread = discord.thread(discord.general);
  const ann = discord.user("Ann");
  discord.command(ann, "imagine", { prompt: "a red fox", quality: "low" }, { channel: thread });
  const find = () => discord.messages(thread).find(({ attachments }) => attachments.length > 0);
  const message = await discord.until(find, "the image");
  const pressed = await opened(ann, message);
  thread.archived = true;
  await sent(ann, pressed, { [partsOf(pressed)[0] ?? ""]: "A fox asleep" });
  expect([altsOf(message), thread.archived]).toEqual([["A fox asleep"], false]);
});

test("several images have a line each, many a choice; the others stay as they are", async () => {
  const { discord } = stage();
  const { ann, message } = await drawn({ count: 3 });
  const pressed = await opened(ann, message);
  const parts = partsOf(pressed);
  expect(parts).toHaveLength(4);
  const keys = parts.slice(0, 3).map((part) => part.replace("alt:", ""));
  await sent(ann, pressed, { [parts[1] ?? ""]: "The second", hidden: [keys[0] ?? "", keys[2] ?? ""] });
  expect(altsOf(message)).toEqual(["Generated image: a red fox", "The second", "Generated image: a red fox"]);
  expect(hiddenIn(message)).toEqual([true, false, true]);
  const many = discord.command(ann, "imagine", { prompt: "a blue fox", quality: "low", count: 5 });
  await discord.until(() => many.reply?.content.includes("This costs at most"), "the question");
  discord.press(ann, many.reply as FakeMessage, "Yes, for at most 625 credits");
  const [, five] = await stage().results(2);
  const open = await opened(ann, five as FakeMessage);
  expect(partsOf(open)).toEqual(["which", "alt", "hidden"]);
  const options = JSON.parse(JSON.stringify(open.modal)).components[0].component.options as { value: string }[];
  await sent(ann, open, { which: options[3]?.value ?? "", alt: "The fourth" });
  expect(altsOf(five as FakeMessage).map((each) => each === "The fourth")).toEqual([false, false, false, true, false]);
});

test("where a server hides all images, their owner cannot show them", async () => {
  const { discord } = stage();
  const ann = discord.user("Ann");
  await stage().says(discord.command(ann, "admin rules", { spoiler: true }, { admin: true }), "Spoilers");
  const { ann: owner, message } = await drawn();
  expect(hiddenIn(message)).toEqual([true]);
  const pressed = await opened(owner, message);
  expect(partsOf(pressed)).toHaveLength(1);
  await sent(owner, pressed, { [partsOf(pressed)[0] ?? ""]: "Hidden still" });
  expect([altsOf(message), hiddenIn(message)]).toEqual([["Hidden still"], [true]]);
});

test("the images of a batch are described once it is over, each message for itself; what is drawn anew keeps it", async () => {
  const { discord, service } = stage();
  const ann = discord.user("Ann");
  service.answerNext({ kind: "data-uri" }, { kind: "hang" });
  const command = discord.command(ann, "imagine", { prompt: "a {red, blue} fox", quality: "low" });
  await discord.until(() => command.reply?.content.includes("in all"), "the question");
  const question = command.reply as FakeMessage;
  discord.press(ann, question, buttonsOf(question).find(({ label }) => label.startsWith("Yes"))?.label ?? "");
  const [message] = (await stage().results(1)) as [FakeMessage];
  await stage().says(discord.press(ann, message, "Describe"), "not finished yet");
  await service.arrived(2);
  service.release();
  await discord.until(() => message.attachments.length === 2, "both images");
  await discord.until(() => question.content.includes("2 of 2 drawn"), "the end");
  const pressed = await opened(ann, message);
  const [red = "", blue = ""] = partsOf(pressed);
  await sent(ann, pressed, { [blue]: "The blue one", hidden: [red.replace("alt:", "")] });
  expect(altsOf(message)).toEqual(["Generated image: a red fox", "The blue one"]);
  expect(hiddenIn(message)).toEqual([true, false]);
  const history = discord.command(ann, "history");
  await stage().says(history, "Your images");
  const show = discord.press(ann, history.reply as FakeMessage, "Show");
  const again = await discord.until(() => show.reply?.attachments.length === 2 && show.reply, "the images again");
  expect([altsOf(again), hiddenIn(again)]).toEqual([altsOf(message), hiddenIn(message)]);
});
