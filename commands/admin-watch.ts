import { type AnyCommand, command } from "../src/command/command.ts";
import { cardReply } from "../src/command/reply.ts";
import { Refusal } from "../src/errors.ts";
import { adminGroup } from "./groups.ts";
import { described, jobField } from "./request-fields.ts";

const shared = { group: adminGroup, entry: "typed", audience: "admins" } as const;

const usage = command({
  ...shared,
  name: "admin-usage",
  summary: (text) => text.commands["admin-usage"],
  fields: { days: { kind: "integer", ...described("days"), required: false, min: 1, max: 365 } },
  run: async ({ answers: { days = 30 }, caller, usecases, text }) =>
    cardReply(text.admin.usage(await usecases.admin.usage(days, caller))),
});

/** Shows the channel where no answer is given. */
const alerts = command({
  ...shared,
  name: "admin-alerts",
  summary: (text) => text.commands["admin-alerts"],
  fields: {
    channel: { kind: "channel", ...described("alertChannel"), required: false, posts: true },
    off: { kind: "yes-no", ...described("noAlerts"), required: false },
  },
  run: async ({ answers: { channel, off }, caller, usecases, text }) =>
    cardReply(text.alerts.status(await usecases.admin.alerts(off ? null : channel, caller))),
});

const provider = command({
  ...shared,
  name: "admin-provider",
  summary: (text) => text.commands["admin-provider"],
  fields: {},
  run: async ({ caller, usecases, text }) => cardReply(text.admin.providers(await usecases.admin.providers(caller))),
});

const pause = command({
  ...shared,
  name: "admin-pause",
  summary: (text) => text.commands["admin-pause"],
  fields: { reason: { kind: "text", ...described("reason"), required: true, maxLength: 200, multiline: false } },
  run: async ({ answers: { reason }, caller, usecases, text }) => {
    await usecases.admin.pause(reason, caller);
    return cardReply(text.admin.paused(reason));
  },
});

const resume = command({
  ...shared,
  name: "admin-resume",
  summary: (text) => text.commands["admin-resume"],
  fields: {},
  run: async ({ caller, usecases, text }) => {
    await usecases.admin.pause(undefined, caller);
    return cardReply(text.admin.paused(undefined));
  },
});

const unknown = command({
  ...shared,
  name: "admin-unknown",
  summary: (text) => text.commands["admin-unknown"],
  fields: {},
  run: async ({ caller, usecases, text }) => cardReply(text.admin.unknown(await usecases.admin.unknown(caller))),
});

/** The buttons of that list; a job has one call in doubt at most. */
const settle = (name: string, billed: boolean) =>
  command({
    name,
    audience: "admins",
    summary: (text) => text.commands["admin-unknown"],
    entry: "button",
    fields: { job: jobField },
    run: async ({ answers, caller, usecases, text }) => {
      const doubtful = await usecases.admin.unknown(caller);
      const outcome = doubtful.find(({ job }) => job === answers.job.job);
      if (!outcome) throw new Refusal("attempt-unknown", {});
      await usecases.admin.settle(outcome.attempt, billed, caller);
      return cardReply(text.admin.unknown(await usecases.admin.unknown(caller)));
    },
  });

/** Commands that show what goes on, and what needs a decision. */
export const adminWatch: readonly AnyCommand[] = [
  usage,
  alerts,
  provider,
  pause,
  resume,
  unknown,
  settle("admin-settle-billed", true),
  settle("admin-settle-not-billed", false),
];
