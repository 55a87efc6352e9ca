import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type SlackHouse, slackHouse } from "../../support/slack/context.ts";
import { memberFile } from "../../support/slack/files.ts";
import { type Member, member } from "../../support/slack/member.ts";
import { asRecorded, changedLine, fieldsOf, type Recorded, without } from "../../support/slack/recorded.ts";
import type { Json, OpenView, SlackMessage } from "../../support/slack/state.ts";

/** Something that a member does, of which each field is left out once. */
interface Doing {
  readonly name: string;
  /** Goes before all of them, complete. */
  readonly prepare?: (ada: Member, house: SlackHouse) => Promise<unknown>;
  /** Goes before each of them, complete: a form can be sent only once. */
  readonly prepareEach?: Doing["prepare"];
  /** Sends the one payload that is changed. */
  readonly act: (ada: Member, prepared: unknown, house: SlackHouse) => Promise<unknown>;
  /** Follows it, complete. */
  readonly finish?: (ada: Member, house: SlackHouse, views: number) => Promise<unknown>;
  /** Grows when it is answered as it should be. */
  readonly answers: (house: SlackHouse) => number;
  /** Without these nobody can tell who did what; Slack always sends them. */
  readonly needed: RegExp;
}

const starts = ({ usecases }: SlackHouse) => usecases.starts.length;
const forms = ({ slack }: SlackHouse) => slack.views.length;
const calls = (method: string) => (house: SlackHouse) => house.slack.callsOf(method).length;
const formAfter = (house: SlackHouse, views: number) => house.slack.until(() => house.slack.views[views]);
const opened = async (ada: Member, house: SlackHouse) => {
  const views = forms(house);
  await ada.shortcut("imagine");
  return formAfter(house, views);
};
const photo = (house: SlackHouse) => [memberFile(house.origin, "photo.png")];
const submitEdit = async (ada: Member, house: SlackHouse, views: number) => {
  await ada.submit(await formAfter(house, views), { prompt: "in oil" });
};
/** A result of the app in C1. */
async function finished(ada: Member, house: SlackHouse): Promise<SlackMessage> {
  const { slack, usecases, platform } = house;
  const [jobs, before] = [usecases.starts.length, slack.messages.length];
  await ada.slash("/imagine", "a red bicycle");
  const seen = await slack.until(() => slack.messages.slice(before).find(({ looks }) => looks.length > 1));
  const id = `job${jobs + 1}`;
  const job = usecases.push(id, { state: "delivered", images: [await house.image("one.png")], charged: 5 });
  const replyTarget = usecases.starts.at(-1)?.caller.replyTarget ?? "";
  const delivered = await platform.deliver({ job, replyTarget, nonce: id, repeated: false, spoiler: false });
  usecases.records.messages.set(id, delivered.messages ?? []);
  return seen;
}
const home = async (ada: Member, house: SlackHouse) => {
  await ada.openHome();
  await house.slack.until(() => house.slack.homes.get("U1"));
};

const who = "type|user|user\\.id|callback_id|trigger_id";
const pressed = "type|user|user\\.id|actions|actions\\.(action_id|type)";
const sent = "type|user|user\\.id|view|view\\.(type|id|callback_id|private_metadata|state)";
const written = "type|event|event\\.(type|text|user|channel|ts)";

const doings: readonly Doing[] = [
  {
    name: "a slash command",
    act: (ada) => ada.slash("/imagine", "a cat"),
    answers: starts,
    needed: /^(command|user_id|text)$/,
  },
  {
    name: "a slash command that opens a form",
    act: (ada) => ada.slash("/imagine", ""),
    answers: forms,
    needed: /^(command|user_id|trigger_id)$/,
  },
  { name: "Create image", act: (ada) => ada.shortcut("imagine"), answers: forms, needed: new RegExp(`^(${who})$`) },
  {
    name: "Edit image on a member's file",
    act: (ada, _, house) => ada.shortcutOn("edit", { channel: "C1", ts: "5.5", files: photo(house) }),
    finish: submitEdit,
    answers: starts,
    needed: new RegExp(`^(${who}|message|message\\.files)$`),
  },
  {
    name: "Edit image on a result",
    prepare: finished,
    act: (ada, result) => ada.shortcutOn("edit", result as SlackMessage),
    finish: submitEdit,
    answers: starts,
    needed: new RegExp(`^(${who}|channel|channel\\.id)$`),
  },
  {
    name: "a form",
    prepareEach: opened,
    act: (ada, form) => ada.submit(form as OpenView, { prompt: "a cat" }),
    answers: starts,
    needed: new RegExp(`^(${sent})$`),
  },
  {
    name: "the form of Edit image",
    async prepareEach(ada, house) {
      const views = forms(house);
      await ada.shortcutOn("edit", { channel: "C1", ts: "5.5", files: photo(house) });
      return formAfter(house, views);
    },
    act: (ada, form) => ada.submit(form as OpenView, { prompt: "in oil" }),
    answers: starts,
    needed: new RegExp(`^(${sent})$`),
  },
  {
    name: "a choice in a form",
    prepareEach: opened,
    act: (ada, form) => ada.choose(form as OpenView, { count: 2 }),
    answers: calls("views.update"),
    needed: new RegExp(`^(${pressed}|view|view\\.(type|id|private_metadata|state))$`),
  },
  {
    name: "a button below a result",
    prepare: finished,
    act: (ada, result) => ada.press(result as SlackMessage, "Again"),
    answers: starts,
    needed: new RegExp(`^(${pressed})$`),
  },
  {
    name: "a button that opens a form",
    prepare: finished,
    act: (ada, result) => ada.press(result as SlackMessage, "Edit"),
    answers: forms,
    needed: new RegExp(`^(${pressed}|trigger_id)$`),
  },
  {
    name: "a button that only the member sees",
    async prepare(ada, house) {
      await finished(ada, house);
      const before = house.slack.whispers.length;
      await ada.slash("/imagine-history", "");
      return house.slack.until(() => house.slack.whispers[before]);
    },
    act: (ada, list) => ada.press(list as SlackMessage, "Again"),
    answers: starts,
    needed: new RegExp(`^(${pressed})$`),
  },
  {
    name: "a button of the home",
    prepare: home,
    act: (ada) => ada.pressHome("Create image"),
    answers: forms,
    needed: new RegExp(`^(${pressed}|trigger_id)$`),
  },
  {
    name: "a choice in the home",
    prepare: home,
    act: (ada) => ada.chooseHome("home:quality", "high"),
    answers: calls("views.publish"),
    needed: new RegExp(`^(${pressed}|actions.selected_option|actions.selected_option.value)$`),
  },
  {
    name: "a mention",
    act: (ada) => ada.mention("a cat", { channel: "C1" }),
    answers: starts,
    needed: new RegExp(`^(${written})$`),
  },
  {
    name: "a mention with a file, in a thread",
    act: (ada) => ada.mention("in oil", { channel: "C1", thread: "1.1", files: ["photo.png"] }),
    answers: starts,
    needed: new RegExp(`^(${written})$`),
  },
  {
    name: "a direct message",
    act: (ada) => ada.direct("a cat"),
    answers: starts,
    needed: new RegExp(`^(${written})$`),
  },
  {
    name: "a changed message",
    act: (_ada, _, house) => {
      const message = { type: "message", user: "U1", ts: house.slack.nextTs(), team: "T1" };
      const edited = { user: "U1", ts: house.slack.nextTs() };
      const event = { type: "message", subtype: "message_changed", channel_type: "im", channel: "DU1", hidden: true };
      const now = { ...message, text: "a cat", edited };
      return house.tell({ ...event, ts: edited.ts, message: now, previous_message: { ...message, text: "" } });
    },
    answers: starts,
    needed: /^(type|event|event\.(type|subtype|channel|message|message\.(user|ts|text|edited|edited\.ts)))$/,
  },
  {
    name: "an opened home",
    act: (ada) => ada.openHome(),
    answers: calls("views.publish"),
    needed: /^(type|event|event\.(type|user))$/,
  },
];

/** A house in which `change` is made of the payload that the doing sends. */
async function stage(doing: Doing) {
  const house = await slackHouse();
  house.slack.channels.set("DU1", true);
  house.slack.uploads.set("photo.png", Buffer.from("png"));
  let change = (recorded: Recorded) => recorded;
  const line = changedLine(house.line, (recorded) => change(asRecorded(recorded)));
  Object.assign(house, { tell: tellOver(house, line) });
  const complete = member(house.slack, house.line, house.origin);
  const changed = member(house.slack, line, house.origin);
  const kept = await doing.prepare?.(complete, house);
  return {
    house,
    async answered(by: (recorded: Recorded) => Recorded): Promise<void> {
      const prepared = kept ?? (await doing.prepareEach?.(complete, house));
      const [before, views] = [doing.answers(house), forms(house)];
      change = by;
      await doing.act(changed, prepared, house);
      await doing.finish?.(complete, house, views);
      await house.slack.until(() => doing.answers(house) > before);
    },
  };
}

function tellOver(house: SlackHouse, line: SlackHouse["line"]): SlackHouse["tell"] {
  const team = { team_id: "T1", api_app_id: "A1", token: "legacy", event_id: "Ev1", event_time: 1 };
  const authorizations = [{ enterprise_id: null, team_id: "T1", user_id: house.slack.appUser, is_bot: true }];
  return (event) => line.send("events_api", { type: "event_callback", ...team, authorizations, event });
}

/** The payload of each, as it is with nothing left out. */
async function record(doing: Doing): Promise<Json> {
  const { house, answered } = await stage(doing);
  let payload: Json = {};
  await answered((recorded) => {
    payload = recorded.payload;
    return recorded;
  });
  await house.close();
  return payload;
}

const recorded = await Promise.all(doings.map(async (doing) => ({ doing, payload: await record(doing) })));

describe.each(recorded)("Slack is answered: $doing.name", ({ doing, payload }) => {
  let scene: Awaited<ReturnType<typeof stage>>;
  beforeAll(async () => {
    scene = await stage(doing);
  });
  afterAll(async () => {
    await scene.house.close();
    expect(scene.house.slack.violations).toEqual([]);
    expect(scene.house.context.log.lines.filter(({ level }) => level === "error")).toEqual([]);
  });

  const optional = fieldsOf(payload).filter((field) => !doing.needed.test(field));

  it.each(optional)("without %s", (field) =>
    scene.answered(({ kind, payload: all }) => ({ kind, payload: without(all, field) })),
  );
  it.each(optional.filter((field) => /^(event\.)?\w+$/.test(field)))("with null as %s", (field) =>
    scene.answered(({ kind, payload: all }) => ({ kind, payload: without(all, field, null) })),
  );
});
