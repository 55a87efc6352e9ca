import type { AckFn, App, BlockAction, ButtonAction, ViewSubmitAction } from "@slack/bolt";
import { commandNamed, onLine, onPress, openForm, readSent } from "./answer.ts";
import { readPress } from "./buttons.ts";
import { type Asked, askedByButton, askedByCommand, askedByShortcut } from "./event.ts";
import { shortcutCallback, slashName } from "./manifest.ts";
import { formCallback } from "./modal.ts";
import { firstTime } from "./once.ts";
import type { Parts } from "./parts.ts";
import { problemsIn } from "./precheck.ts";
import { runCommand } from "./run.ts";
import { attempt } from "./tell.ts";

/** Does the work of an event, once, after Slack has been answered. */
type Once = (ack: () => Promise<void>, asked: Asked, work: () => Promise<unknown>) => Promise<void>;

/**
 * Takes every event that the manifest asks for. Slack waits 3 s, so it is answered before anything else is awaited,
 * but for a form's errors, which are its answer. Gives back what resolves once nothing is under way.
 */
export function listen(app: App, parts: Parts): () => Promise<void> {
  const underway = new Set<Promise<void>>();
  const once = onceAfterAck(parts);
  const tracked: Once = async (ack, asked, work) => {
    const done = once(ack, asked, work).finally(() => underway.delete(done));
    underway.add(done);
    await done;
  };
  takeLines(app, parts, tracked);
  takeShortcut(app, parts, tracked);
  takePresses(app, parts, tracked);
  takeForms(app, parts, tracked);
  return async () => void (await Promise.allSettled(underway));
}

function onceAfterAck(parts: Parts): Once {
  const isFirst = firstTime(parts.context.cache);
  return async (ack, asked, work) => {
    await ack();
    await attempt(parts, asked, async () => {
      if (await isFirst(asked.inbound)) await work();
    });
  };
}

/** Reports how long Slack had to wait. */
function timed<Answer>({ context: { observer, world } }: Parts, ack: AckFn<Answer>): AckFn<Answer> {
  const since = world.now();
  return async (answer) => {
    await ack(answer);
    observer.acknowledged({ platform: "slack", ms: world.now() - since });
  };
}

function takeLines(app: App, parts: Parts, once: Once): void {
  for (const command of parts.context.commands.filter(({ entry }) => entry === "typed")) {
    app.command(slashName(command), ({ ack, body, respond }) => {
      const asked = askedByCommand(body, respond, parts.options.locale);
      return once(timed(parts, ack), asked, () => onLine(parts, command, (body.text ?? "").trim(), asked));
    });
  }
}

function takeShortcut(app: App, parts: Parts, once: Once): void {
  const command = commandNamed(parts, shortcutCallback);
  if (!command) return;
  app.shortcut({ type: "shortcut", callback_id: shortcutCallback }, ({ ack, body }) => {
    const asked = askedByShortcut(body, parts.options.locale);
    return once(timed(parts, ack), asked, () => openForm(parts, command, { command: command.name }, asked));
  });
}

function takePresses(app: App, parts: Parts, once: Once): void {
  app.action<BlockAction<ButtonAction>>({ type: "block_actions" }, async ({ ack, body, action, respond }) => {
    const press = readPress(action.action_id);
    if (!press) return ack();
    const asked = askedByButton(body, respond, parts.options.locale);
    await once(timed(parts, ack), asked, () => onPress(parts, press, body, asked));
  });
}

function takeForms(app: App, parts: Parts, once: Once): void {
  app.view<ViewSubmitAction>(formCallback, async ({ ack, body, respond }) => {
    const answer = timed(parts, ack);
    const sent = readSent(parts, body, respond);
    if (!sent) return answer();
    const { command, answers, asked } = sent;
    const errors = await problemsIn(parts, command, answers, asked);
    if (errors) return answer({ response_action: "errors", errors });
    await once(answer, asked, () => runCommand(parts, command, answers, asked));
  });
}
