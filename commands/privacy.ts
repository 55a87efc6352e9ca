import { type AnyCommand, command } from "../src/command/command.ts";
import { cardReply } from "../src/command/reply.ts";
import { privacyGroup } from "./groups.ts";

const about = command({
  name: "privacy-about",
  group: privacyGroup,
  summary: (text) => text.commands["privacy-about"],
  entry: "typed",
  fields: {},
  run: async ({ usecases, text }) => {
    const services = usecases.services({}).map(({ label }) => label);
    return cardReply(text.cards.privacy(services, usecases.retention));
  },
});

const exportAll = command({
  name: "privacy-export",
  group: privacyGroup,
  summary: (text) => text.commands["privacy-export"],
  entry: "typed",
  fields: {},
  run: async ({ caller, usecases, text }) => {
    const data = await usecases.exportData(caller);
    return { kind: "data", card: text.cards.exported(data), data };
  },
});

const deleteAll = command({
  name: "privacy-delete",
  group: privacyGroup,
  summary: (text) => text.commands["privacy-delete"],
  entry: "typed",
  fields: {},
  run: async ({ text }) => cardReply(text.cards.deleteData()),
});

/** The button that confirms the deletion. */
const deleteNow = command({
  name: "privacy-delete-now",
  summary: (text) => text.commands["privacy-delete"],
  entry: "button",
  answersConfirmation: true,
  destructive: true,
  fields: {},
  run: async ({ caller, usecases, text }) => {
    const { jobs } = await usecases.deleteData(caller);
    return cardReply(text.cards.deleted(jobs));
  },
});

/** Commands that show, export and delete what is kept about a member. */
export const privacy: readonly AnyCommand[] = [about, exportAll, deleteAll, deleteNow];
