import type { Member } from "../../support/slack/member.ts";
import { member } from "../../support/slack/member.ts";
import type { SlackMessage, Whisper } from "../../support/slack/state.ts";
import { type Html, html, type Piece } from "./html.ts";
import type { Picture } from "./picture.ts";
import { drawBar, drawChannel, drawMessage, drawWritten, type FakeSlack, later, picture } from "./slack-channel.ts";
import type { Shown } from "./slack-parts.ts";

/** Draws a thread with the agent: suggestions, an image, and a change of it. */
export async function agentPicture(fake: FakeSlack, shown: Shown): Promise<Picture> {
  const { slack } = fake;
  slack.members.set("U7", { locale: "en-US", admin: false, displayName: "Ann" });
  const ann = member(slack, fake.line, fake.origin, { id: "U7", name: "Ann" });
  const said = (words: string, thread?: string) =>
    slack.until(() =>
      slack
        .messagesIn("DU7")
        .find(({ blocks, ...seen }) => (!thread || seen.thread === thread) && shows(blocks, words, "again:")),
    );
  await ann.openMessages();
  const prompts = await slack.until(() => slack.prompts.get("DU7"));
  await ann.direct("a paper boat");
  const first = await said("a paper boat");
  await ann.direct("make it red", { thread: first.thread });
  const second = await said("make it red", first.thread);
  const suggestions = html`<div class="prompts">${prompts.map(({ title }) => html`<span>${title}</span>`)}</div>`;
  const below: Piece[] = [drawMessage(first, shown), drawWritten("Ann", "make it red"), drawMessage(second, shown)];
  const body = html`<div class="channel">${drawBar("Messages")}${suggestions}${drawWritten("Ann", "a paper boat")}
    <div class="thread">${below}</div></div>`;
  return picture("slack-agent", body);
}

/**
 * Draws what those who manage the workspace see: approvals, alerts and usage. One after the other, and after all else:
 * their rules hold for everybody.
 */
export async function workspacePictures(fake: FakeSlack, shown: Shown): Promise<readonly Picture[]> {
  const { slack, line, origin } = fake;
  slack.members.set("U9", { locale: "en-US", admin: true, displayName: "Bea" });
  slack.members.set("U8", { locale: "en-US", admin: false, displayName: "Ann" });
  const [boss, ann] = [
    member(slack, line, origin, { id: "U9", name: "Bea" }),
    member(slack, line, origin, { id: "U8", name: "Ann" }),
  ];
  await slack.until(() => slack.messagesIn("C1").every(({ blocks }) => shows(blocks, "again:"))); // nothing more is spent
  const usage = await answerTo(fake, "U9", "The last 30 days", () => boss.slash("/imagine-admin", "usage"));
  const approval = await approved(fake, boss, ann, shown);
  const alerts = await alerted(fake, boss, shown);
  return [
    picture("slack-usage", drawChannel([drawMessage(usage, shown, "Only visible to you")])),
    picture("slack-approval", approval),
    picture("slack-alerts", alerts),
  ];
}

async function approved(fake: FakeSlack, boss: Member, ann: Member, shown: Shown): Promise<Html> {
  const rule = () => boss.slash("/imagine-admin", "approval --above 10 --channel {#C2}");
  await answerTo(fake, "U9", "10 credits", rule);
  await ann.slash("/imagine", "hills above the fog");
  const question = await posted(fake, "May this be made");
  const asked = drawMessage(question, shown);
  await boss.press(question, "Approve");
  await fake.slack.until(() => shows(question.blocks, "Approved"));
  const answered = drawMessage(question, shown);
  await answerTo(fake, "U9", "approval", () => boss.slash("/imagine-admin", "approval --off"));
  return drawChannel([asked, later, answered], "office");
}

/** The budget is chosen so that most of it is spent; alerts are looked for once a minute. */
async function alerted(fake: FakeSlack, boss: Member, shown: Shown): Promise<Html> {
  await answerTo(fake, "U9", "weekly digest", () => boss.slash("/imagine-admin", "alerts --channel {#C2}"));
  const { text } = await answerTo(fake, "U9", "this month", () => boss.slash("/imagine-admin", "budget 100000"));
  const spent = Number(/([\d,]+) credits spent/.exec(text)?.[1]?.replaceAll(",", ""));
  const limit = Math.ceil(spent / 0.9);
  await answerTo(fake, "U9", "this month", () => boss.slash("/imagine-admin", `budget ${limit}`));
  const alert = await posted(fake, "80 %");
  const setUp = await posted(fake, "weekly digest");
  return drawChannel([drawMessage(setUp, shown), drawMessage(alert, shown)], "office");
}

/** The answer that only this member sees. */
async function answerTo(
  { slack }: FakeSlack,
  user: string,
  words: string,
  act: () => Promise<unknown>,
): Promise<Whisper> {
  const before = slack.whispers.length;
  await act();
  return slack.until(() =>
    slack.whispers.slice(before).find((seen) => seen.user === user && shows(seen.blocks, words)),
  );
}

function posted({ slack }: FakeSlack, words: string): Promise<SlackMessage> {
  return slack.until(() => slack.messagesIn("C2").find(({ blocks }) => shows(blocks, words)));
}

const shows = (blocks: unknown, ...words: string[]) => words.every((each) => JSON.stringify(blocks).includes(each));
