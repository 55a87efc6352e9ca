import type { Room } from "../context.ts";
import type { UseCases } from "../contract/usecases.ts";
import { Refusal } from "../errors.ts";
import { artifactsOf } from "../jobs/attempts.ts";
import { memberSettingsOf } from "../policy/documents.ts";
import { allowanceOf } from "../policy/rules.ts";
import { createAdmin } from "./admin/create-admin.ts";
import { cancel } from "./cancel.ts";
import { edit, quoteEdit, repeat } from "./edit.ts";
import { history, jobOfMessage, messagesOf } from "./history.ts";
import { imagine } from "./imagine.ts";
import { changeSettings } from "./member-settings.ts";
import { services } from "./offers.ts";
import { deleteData } from "./privacy/delete-data.ts";
import { exportData } from "./privacy/export-data.ts";
import { remove } from "./privacy/remove.ts";
import { tenantGone } from "./privacy/tenant-gone.ts";
import { accept, ask, decline, openQuestion } from "./question.ts";
import { quote } from "./quote.ts";
import { viewOf, visibleJob } from "./view.ts";
import { watch } from "./watch.ts";

const statementLines = 10;

/** Everything that commands and platforms may ask of the bot, over one room. */
export function createUseCases(room: Room): UseCases {
  return {
    quote: (draft, caller, files) =>
      files?.of ? quoteEdit(room, files.of, draft, caller, files) : quote(room, draft, caller, files),
    services: (draft) => services(room, draft),
    imagine: (draft, caller) => imagine(room, draft, caller),
    edit: (of, draft, caller) => edit(room, of, draft, caller),
    again: (job, caller) => repeat(room, "again", { job }, caller),
    vary: (of, caller) => repeat(room, "vary", of, caller),
    upscale: (of, caller) => repeat(room, "upscale", of, caller),
    ask: (wish, caller) => ask(room, wish, caller),
    async question(id, caller) {
      const { request, caller: asker } = await openQuestion(room, id, caller);
      return { request, place: asker.place };
    },
    accept: (question, caller) => accept(room, question, caller),
    decline: (question, caller) => decline(room, question, caller),
    cancel: (job, caller) => cancel(room, job, caller),
    credits: async (caller) =>
      room.credits.statement(caller.member, statementLines, await allowanceOf(room.database.db, caller)),
    history: (caller, query) => history(room, caller, query),
    jobOfMessage: (message, caller) => jobOfMessage(room, message, caller),
    messagesOf: (job, caller) => messagesOf(room, job, caller),
    remove: (job, caller) => remove(room, job, caller),
    settings: (caller) => memberSettingsOf(room.database.db, caller.member),
    changeSettings: (change, caller) => changeSettings(room, change, caller),
    exportData: (caller) => exportData(room, caller),
    deleteData: (caller) => deleteData(room, caller),
    tenantGone: (tenant) => tenantGone(room, tenant),
    retention: room.retention,
    admin: createAdmin(room),
    job: async (id, caller) => viewOf(room, await visibleJob(room, id, caller)),
    watch: (id, signal) => watch(room, id, signal),
    async imageFile({ job: id, index }, caller) {
      const job = await visibleJob(room, id, caller);
      const image = (await artifactsOf(room.database.db, job.id))[index];
      if (!image || !(await room.images.has(image))) throw new Refusal("job-has-no-images", {});
      return { path: room.images.pathOf(image), image };
    },
  };
}
