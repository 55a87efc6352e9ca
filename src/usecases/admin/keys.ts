import type { Context } from "../../context.ts";
import type { OwnKeys } from "../../contract/admin.ts";
import type { KeyTaken, OwnKeysView } from "../../contract/tenant-keys.ts";
import type { Caller } from "../../contract/usecases.ts";
import { ProviderError, Refusal } from "../../errors.ts";
import { auditEntryId, audited, wasAudited } from "../../policy/audit-log.ts";
import { lockDocument, tenantId } from "../../policy/documents.ts";
import { requireAdmin } from "../../policy/rights.ts";
import { apiKeyProblem } from "../../providers/api-key.ts";
import type { Provider } from "../../providers/provider.ts";
import { serviceOf } from "../../request.ts";
import type { KeySeal } from "../../store/key-seal.ts";
import { putTenantKey, removeTenantKey } from "../../store/tenant-keys.ts";

/** No service has longer ones. */
const longestKey = 500;

/** The keys that a tenant brings for services; see OwnKeys. */
export function createKeys(context: Context): OwnKeys {
  return {
    async list(caller) {
      requireAdmin(context, caller);
      return list(context, caller.tenant);
    },
    put: (service, key, caller) => put(context, { service: serviceNamed(context, service), key: key.trim() }, caller),
    remove: (service, caller) => remove(context, serviceNamed(context, service), caller),
  };
}

async function list({ keys, router }: Context, tenant: string): Promise<OwnKeysView> {
  const kept = await keys.list(tenant);
  const services = keys.serviceNames.map((service) => {
    const provider = router.get(service);
    const found = kept.find((key) => key.service === service);
    return {
      service,
      label: provider?.label ?? service,
      isFunded: provider !== undefined && router.isFunded(provider),
      key: found && {
        addedAt: found.added_at,
        addedBy: found.added_name,
        trouble: found.isReadable ? (found.trouble ?? undefined) : ("unreadable" as const),
        troubleSince: found.trouble_at ?? undefined,
      },
    };
  });
  return { isOn: keys.seal !== undefined, services };
}

interface GivenKey {
  readonly service: string;
  readonly key: string;
}

async function put(context: Context, given: GivenKey, caller: Caller): Promise<KeyTaken> {
  requireAdmin(context, caller);
  const { keys, world, log } = context;
  const { service, key } = given;
  const provider = keys.tryOut(service, key); // first of all it is hidden from the log
  if (!keys.seal) throw new Refusal("own-keys-off", {});
  if (!provider) throw new Refusal("provider-unknown", { provider: service, allowed: keys.serviceNames });
  requireShape(key);
  const { label } = provider;
  const entry = { name: "own-key", subject: service, caller };
  try {
    // The same form sent again: it was done, and is told once more.
    const isRepeated = await wasAudited(context, auditEntryId(entry));
    const tried = isRepeated ? { isTried: true } : await tryOut(provider);
    let replaced = false;
    await audited(context, entry, async (trx) => {
      await lockDocument(trx, tenantId(caller.tenant), world.now()); // two admins at once: the later one replaces
      replaced = await putTenantKey(trx, rowOf(context, keys.seal, given, caller));
      return { service, replaced };
    });
    keys.changed(caller.tenant);
    return { label, replaced, ...tried };
  } finally {
    await provider.close().catch((err: unknown) => log.debug({ service, err, at: world.now() }, "not closed"));
  }
}

function rowOf(
  { world }: Context,
  seal: KeySeal | undefined,
  { service, key }: GivenKey,
  { tenant, member, name }: Caller,
) {
  if (!seal) throw new Refusal("own-keys-off", {});
  const id = world.id();
  const sealed = seal.seal(key, { id, tenant, service });
  return { id, tenant, service, sealed, added_at: world.now(), added_by: member, added_name: name };
}

function requireShape(key: string): void {
  const why = key === "" ? "empty" : key.length > longestKey ? "long" : apiKeyProblem(key);
  if (why) throw new Refusal("own-key-shape", { why });
}

/** Asks the service, free of charge. A key that it refuses is not kept; one that cannot be tried now is. */
async function tryOut(provider: Provider): Promise<Pick<KeyTaken, "isTried" | "balance">> {
  try {
    await provider.check();
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    if (error.refusedFor === "key") throw new Refusal("own-key-refused", { provider: provider.label });
    return { isTried: false };
  }
  const balance = await provider.balance?.().catch(() => undefined);
  return { isTried: true, ...(balance ? { balance } : {}) };
}

async function remove(context: Context, service: string, caller: Caller): Promise<OwnKeysView> {
  requireAdmin(context, caller);
  const { tenant } = caller;
  await audited(context, { name: "own-key-removed", subject: service, caller }, async (trx) => {
    const provider = context.router.get(service)?.label ?? service;
    if (!(await removeTenantKey(trx, { tenant, service }, context.world.now()))) {
      throw new Refusal("own-key-none", { provider });
    }
    return { service };
  });
  context.keys.changed(tenant);
  return list(context, tenant);
}

/** A key is that of a service, whichever of its models is named; by its name or its label. */
function serviceNamed({ keys, router }: Context, given: string): string {
  const wanted = given.trim().toLowerCase();
  const labelled = keys.serviceNames.find((name) => router.get(name)?.label.toLowerCase() === wanted);
  return labelled ?? serviceOf(wanted);
}
