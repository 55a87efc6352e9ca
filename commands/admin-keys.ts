import { type AnyCommand, command } from "../src/command/command.ts";
import { cardReply } from "../src/command/reply.ts";
import { adminGroup } from "./groups.ts";
import { described } from "./request-fields.ts";

const service = { kind: "service", ...described("keyService"), required: true } as const;

const list = command({
  name: "admin-keys",
  group: adminGroup,
  audience: "admins",
  summary: (text) => text.commands["admin-keys"],
  entry: "typed",
  fields: {},
  run: async ({ caller, usecases, text }) => cardReply(text.admin.keys.list(await usecases.admin.keys.list(caller))),
});

/** A button, and never typed: what is typed behind a command stays in histories; a form is sent to the bot alone. */
const give = command({
  name: "admin-keys-give",
  audience: "admins",
  summary: (text) => text.commands["admin-keys-give"],
  entry: "button",
  fields: {
    service,
    key: { kind: "text", ...described("serviceKey"), required: true, maxLength: 500, multiline: false, secret: true },
  },
  run: async ({ answers, caller, usecases, text }) =>
    cardReply(text.admin.keys.taken(await usecases.admin.keys.put(answers.service, answers.key, caller))),
});

const remove = command({
  name: "admin-keys-remove",
  audience: "admins",
  summary: (text) => text.commands["admin-keys-remove"],
  entry: "button",
  fields: { service },
  run: async ({ answers, caller, usecases, text }) =>
    cardReply(text.admin.keys.list(await usecases.admin.keys.remove(answers.service, caller))),
});

/** Keys that a tenant brings for services. */
export const adminKeys: readonly AnyCommand[] = [list, give, remove];
