import type { types } from "@slack/bolt";
import { type Member, member } from "../../support/slack/member.ts";
import type { SlackMessage } from "../../support/slack/state.ts";
import { type Html, html } from "./html.ts";
import type { Picture } from "./picture.ts";
import { bot, drawBar, drawChannel, drawMessage, type FakeSlack, later, picture } from "./slack-channel.ts";
import { drawBlocks, type Shown } from "./slack-parts.ts";
import { workflowPicture } from "./slack-workflow.ts";
import { agentPicture, workspacePictures } from "./slack-workspace.ts";

type Blocks = readonly types.KnownBlock[];
type Look = SlackMessage["looks"][number];

/** Draws what members of a workspace see on their way to the first images, and after it. */
export async function slackPictures(fake: FakeSlack): Promise<readonly Picture[]> {
  const { slack, line, origin } = fake;
  const shown: Shown = { image: (id) => slack.files.get(id)?.bytes };
  const somebody = (id: string) => member(slack, line, origin, { id, name: "Ada" });
  const [form, result, home] = await Promise.all([
    filledIn(fake, somebody("U1"), shown),
    made(fake, somebody("U2"), shown),
    atHome(fake, somebody("U3"), shown),
  ]);
  // Later: in a workspace the bot changes only so many messages a minute, and above it is waited for such changes.
  const [agent, workflow] = await Promise.all([agentPicture(fake, shown), workflowPicture(fake)]);
  const pages = [picture("slack-form", form), picture("slack-result", result), picture("slack-home", home)];
  return [...pages, agent, workflow, ...(await workspacePictures(fake, shown))];
}

/** The form, and how it ends, with what somebody chose and the price of that. */
async function filledIn({ slack }: FakeSlack, ada: Member, shown: Shown): Promise<Html> {
  await ada.slash("/imagine", "");
  const open = await slack.until(() => slack.views[0]);
  const filled = { prompt: "layered mountains, flat colours", size: "2048x1152", quality: "high", count: "2" };
  await ada.choose(open, filled);
  const view = await slack.until(
    () => JSON.stringify(open.view).includes("200 credits") && (open.view as unknown as types.ModalView),
  );
  const window = drawModal(view, { ...shown, filled });
  return html`<div class="modals">${window}<div class="end">${window}</div></div>`;
}

/** A message, from its first words to the images. */
async function made(fake: FakeSlack, ada: Member, shown: Shown): Promise<Html> {
  await ada.slash("/imagine", "layered mountains");
  const message = await saying(fake, "layered mountains", "again:");
  const drawing = message.looks.find(({ text }) => text.startsWith("Drawing")) ?? message;
  return drawChannel([drawMessage(drawing, shown), later, drawMessage(message, shown)]);
}

/** The home of somebody with an image, whose next are under way. */
async function atHome(fake: FakeSlack, ada: Member, shown: Shown): Promise<Html> {
  await ada.slash("/imagine", "hills in flat colours 16:9");
  await saying(fake, "hills", "again:");
  await ada.slash("/imagine", "a paper boat --size 2k --count 2");
  await saying(fake, "a paper boat", "Drawing");
  await ada.slash("/imagine", "a fox in the snow");
  await saying(fake, "a fox", "cancel:");
  await ada.openHome();
  const { blocks } = await fake.slack.until(() => fake.slack.homes.get(ada.id));
  return html`<div class="home">
    ${drawBar("Home")}
    <div class="body">${drawBlocks(blocks as Blocks, shown)}</div>
  </div>`;
}

/** The message that shows all of these words, or buttons of these commands. */
function saying({ slack }: FakeSlack, ...words: string[]): Promise<SlackMessage> {
  const shows = ({ blocks }: Look) => words.every((each) => JSON.stringify(blocks).includes(each));
  return slack.until(() => slack.messagesIn("C1").find(shows));
}

function drawModal({ title, submit, close, blocks }: types.ModalView, shown: Shown): Html {
  return html`<div class="modal"><div class="title">${bot}<b>${title.text}</b><i>✕</i></div>
    <div class="body">${drawBlocks(blocks as Blocks, shown)}</div>
    <div class="foot"><span class="button">${close?.text}</span><span class="button primary">${submit?.text}</span></div></div>`;
}
