import type { Context } from "../context.ts";
import type { UseCases } from "../contract/usecases.ts";
import { Refusal } from "../errors.ts";
import { artifactsOf } from "../jobs/attempts.ts";
import { memberSettingsOf } from "../policy/documents.ts";
import { allowanceOf } from "../policy/rules.ts";
import { payForSeen } from "../settlement/unseen.ts";
import { viewOf, visibleJob } from "../views/job-view.ts";
import { createAdmin } from "./admin/create-admin.ts";
import { decide } from "./approvals/decide.ts";
import { openHere } from "./approvals/open.ts";
import { approvalRule } from "./approvals/rule.ts";
import { createBatches } from "./batches/create-batches.ts";
import { cancel } from "./cancel.ts";
import { createDescriptions } from "./descriptions/create-descriptions.ts";
import { history, jobOfMessage, jobsAt, messagesOf } from "./history.ts";
import { changeSettings } from "./member-settings.ts";
import { deleteData } from "./privacy/delete-data.ts";
import { createExport } from "./privacy/export-data.ts";
import { remove } from "./privacy/remove.ts";
import { tenantGone } from "./privacy/tenant-gone.ts";
import { quote } from "./quote.ts";
import { createReferences } from "./references/create-references.ts";
import { services } from "./services.ts";
import { createStyles } from "./styles/create-styles.ts";
import { reject } from "./submit/confirmations.ts";
import { createSubmit } from "./submit/submit.ts";
import { createTenantTurns, type TenantTurns } from "./tenant-turns.ts";
import { createVisits } from "./visits/create-visits.ts";
import { watch } from "./watch.ts";
import { welcome } from "./welcome.ts";

const statementLines = 10;

/** Makes everything that commands and platforms may ask of the bot. */
export function createUseCases(context: Context): UseCases {
  const inTurn = createTenantTurns();
  const submit = createSubmit(context);
  const ask: TenantTurns = (caller, work) => inTurn(caller, () => context.admit(work));
  return {
    quote: (draft, caller, files) => inTurn(caller, () => quote(context, draft, caller, files)),
    services: (draft) => services(context, draft),
    submit: (order, caller, options) => inTurn(caller, () => submit(order, caller, options)),
    reject: (confirmation, caller) => reject(context, confirmation, caller),
    cancel: (job, caller) => cancel(context, job, caller),
    credits: (caller) =>
      ask(caller, async () =>
        context.credits.statement(caller.member, statementLines, await allowanceOf(context.database.db, caller)),
      ),
    creditsLeft: async (caller) =>
      context.credits.spendable(caller.member, await allowanceOf(context.database.db, caller)),
    history: (caller, query) => ask(caller, () => history(context, caller, query)),
    jobsAt: (isThere, caller) => jobsAt(context, isThere, caller),
    jobOfMessage: (message, caller) => jobOfMessage(context, message, caller),
    messagesOf: (job, caller) => messagesOf(context, job, caller),
    remove: (job, caller) => remove(context, job, caller),
    settings: (caller) => memberSettingsOf(context.database.db, caller.member),
    changeSettings: (change, caller) => changeSettings(context, change, caller),
    exportData: createExport(context, inTurn),
    deleteData: (caller) => inTurn(caller, () => deleteData(context, caller)),
    welcome: (channel) => welcome(context, channel),
    tenantGone: (tenant) => tenantGone(context, tenant),
    retention: context.retention,
    admin: createAdmin(context),
    styles: createStyles(context),
    visits: createVisits(context),
    references: createReferences(context),
    approvals: {
      decide: (job, approves, caller) => decide(context, job, approves, caller),
      open: (caller) => openHere(context, caller),
      rule: (change, caller) => approvalRule(context, change, caller),
    },
    batches: createBatches(context),
    descriptions: createDescriptions(context),
    job: async (id, caller) => viewOf(context, await visibleJob(context, id, caller)),
    watch: (id, signal) => watch(context, id, signal),
    async imageFile({ job: id, index }, caller) {
      const job = await payForSeen(context, await visibleJob(context, id, caller));
      const image = (await artifactsOf(context.database.db, job.id))[index];
      if (!image || !(await context.images.has(image))) throw new Refusal("job-has-no-images", {});
      return { path: context.images.pathOf(image), image };
    },
  };
}
