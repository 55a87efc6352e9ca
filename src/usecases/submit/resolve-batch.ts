import type { Context } from "../../context.ts";
import type { Caller, Draft, Files } from "../../contract/usecases.ts";
import { Refusal } from "../../errors.ts";
import { partsOf } from "../../jobs/batches.ts";
import { readAlternatives } from "../../policy/alternatives.ts";
import type { Settings } from "../../policy/documents.ts";
import { readPrompt } from "../../policy/draft.ts";
import { firstOfEach } from "../../providers/offered.ts";
import type { BatchNote } from "../../request.ts";
import { visibleJob } from "../../views/job-view.ts";
import { requireNamed } from "../references/named-references.ts";
import { requireFiles } from "./derive-request.ts";
import { filesOf, type NewOrder, type PlainOrder, type ResolvedOrder, resolveOrder } from "./resolve-order.ts";

/** The most images of a batch, where the tenant has not said otherwise. */
const usualBatchImages = 12;

/** The requests that an order comes to, when it comes to several. */
export interface ResolvedBatch {
  readonly written: string;
  readonly by: BatchNote["by"];
  readonly parts: readonly ResolvedOrder[];
}

type WithDraft = Extract<PlainOrder, { readonly draft: Draft }>;

/** Reads an order without touching its files; undefined when it comes to one request. Throws Refusal. */
export async function resolveBatch(
  context: Context,
  order: NewOrder,
  caller: Caller,
  settings: Settings,
  files: Pick<Files, "references" | "masked"> = filesOf(order),
): Promise<ResolvedBatch | undefined> {
  const limit = settings.rules.batchImages ?? usualBatchImages;
  const batch =
    order.kind === "batch-again"
      ? await repeated(context, order.of.job, caller)
      : "draft" in order
        ? await expanded(context, { order, limit, files }, caller, settings)
        : undefined;
  const images = batch?.parts.reduce((sum, { request }) => sum + request.count, 0) ?? 0;
  if (images > limit) throw new Refusal("batch-too-large", { count: images, limit });
  return batch;
}

interface Written {
  readonly order: WithDraft;
  readonly limit: number;
  readonly files: Pick<Files, "references" | "masked">;
}

/** Nothing is resolved for what is too large anyway. */
async function expanded(
  context: Context,
  { order, limit, files }: Written,
  caller: Caller,
  settings: Settings,
): Promise<ResolvedBatch | undefined> {
  const { draft } = order;
  const services = comparedServices(context, draft);
  const alternatives = draft.literal ? undefined : readAlternatives(readPrompt(draft.prompt));
  const prompts = alternatives?.count ?? 1;
  if (prompts === 1 && !services) return undefined;
  const count = prompts * (services?.length ?? 1);
  if (count > limit) throw new Refusal("batch-too-large", { count: count * (draft.count ?? 1), limit });
  const parts: ResolvedOrder[] = [];
  for (const prompt of alternatives?.first(prompts) ?? [draft.prompt]) {
    for (const provider of services ?? [draft.provider]) {
      const part = { ...order, draft: { ...draft, prompt, provider, literal: true } };
      parts.push(await resolveOrder(context, part, caller, settings, files));
    }
  }
  return { written: draft.prompt, by: services ? (prompts === 1 ? "services" : "both") : "prompts", parts };
}

async function repeated(context: Context, id: string, caller: Caller): Promise<ResolvedBatch> {
  const { batch } = await visibleJob(context, id, caller);
  const jobs = batch === undefined ? [] : await partsOf(context.database.db, batch);
  const kept = jobs.filter(({ erasedAt }) => erasedAt === undefined);
  const note = kept[0]?.request.batch;
  if (!note) throw new Refusal("job-erased", {});
  for (const job of kept) requireNamed(job, caller);
  for (const { request } of kept) await requireFiles(context, request);
  const parts = kept.map(({ id: parent, request: { batch: _, ...request } }) => ({ request, parent }));
  return { written: note.written, by: note.by, parts };
}

/** The name that stands for every service, with some of them behind a colon where not all are meant. */
const comparison = /^compare(?::(.*))?$/i;

/** The services that a draft is to be drawn by side by side: one model of each, or those that it names. Throws Refusal `provider-unknown`. */
function comparedServices({ router }: Context, { provider }: Draft): readonly string[] | undefined {
  const found = comparison.exec(provider?.trim() ?? "");
  if (!found) return undefined;
  const named = [...new Set((found[1] ?? "").split(",").map((name) => name.trim().toLowerCase()))].filter(Boolean);
  const all = router.names.map((name) => ({ name }));
  if (named.length === 0) return firstOfEach(all).map(({ name }) => name);
  for (const name of named) {
    if (!router.get(name)) throw new Refusal("provider-unknown", { provider: name, allowed: router.names });
  }
  return named;
}
