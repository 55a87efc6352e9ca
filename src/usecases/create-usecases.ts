import type { Context } from "../context.ts";
import type { UseCases } from "../contract/usecases.ts";
import { Refusal } from "../errors.ts";
import { artifactsOf } from "../jobs/attempts.ts";
import { memberSettingsOf } from "../policy/documents.ts";
import { allowanceOf } from "../policy/rules.ts";
import { viewOf, visibleJob } from "../views/job-view.ts";
import { createAdmin } from "./admin/create-admin.ts";
import { cancel } from "./cancel.ts";
import { confirm, openConfirmation, reject, requestConfirmation } from "./confirmation.ts";
import { edit, quoteEdit, repeat } from "./edit.ts";
import { history, jobOfMessage, messagesOf } from "./history.ts";
import { imagine } from "./imagine.ts";
import { changeSettings } from "./member-settings.ts";
import { services } from "./offers.ts";
import { deleteData } from "./privacy/delete-data.ts";
import { createExport } from "./privacy/export-data.ts";
import { remove } from "./privacy/remove.ts";
import { tenantGone } from "./privacy/tenant-gone.ts";
import { quote } from "./quote.ts";
import { watch } from "./watch.ts";

const statementLines = 10;

/** Everything that commands and platforms may ask of the bot, over one room. */
export function createUseCases(context: Context): UseCases {
  return {
    quote: (draft, caller, files) =>
      files?.of ? quoteEdit(context, files.of, draft, caller, files) : quote(context, draft, caller, files),
    services: (draft) => services(context, draft),
    imagine: (draft, caller) => imagine(context, draft, caller),
    edit: (of, draft, caller) => edit(context, of, draft, caller),
    again: (job, caller) => repeat(context, "again", { job }, caller),
    vary: (of, caller) => repeat(context, "vary", of, caller),
    upscale: (of, caller) => repeat(context, "upscale", of, caller),
    requestConfirmation: (order, caller) => requestConfirmation(context, order, caller),
    async confirmation(id, caller) {
      const { request, caller: asker } = await openConfirmation(context, id, caller);
      return { request, replyTarget: asker.replyTarget };
    },
    confirm: (question, caller) => confirm(context, question, caller),
    reject: (question, caller) => reject(context, question, caller),
    cancel: (job, caller) => cancel(context, job, caller),
    credits: async (caller) =>
      context.credits.statement(caller.member, statementLines, await allowanceOf(context.database.db, caller)),
    history: (caller, query) => history(context, caller, query),
    jobOfMessage: (message, caller) => jobOfMessage(context, message, caller),
    messagesOf: (job, caller) => messagesOf(context, job, caller),
    remove: (job, caller) => remove(context, job, caller),
    settings: (caller) => memberSettingsOf(context.database.db, caller.member),
    changeSettings: (change, caller) => changeSettings(context, change, caller),
    exportData: createExport(context),
    deleteData: (caller) => deleteData(context, caller),
    tenantGone: (tenant) => tenantGone(context, tenant),
    retention: context.retention,
    admin: createAdmin(context),
    job: async (id, caller) => viewOf(context, await visibleJob(context, id, caller)),
    watch: (id, signal) => watch(context, id, signal),
    async imageFile({ job: id, index }, caller) {
      const job = await visibleJob(context, id, caller);
      const image = (await artifactsOf(context.database.db, job.id))[index];
      if (!image || !(await context.images.has(image))) throw new Refusal("job-has-no-images", {});
      return { path: context.images.pathOf(image), image };
    },
  };
}
