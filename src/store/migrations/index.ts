import type { Migration } from "kysely/migration";
import type { Engine } from "../connection.ts";
import { start } from "./0001-start.ts";
import { records } from "./0002-records.ts";
import { vocabulary } from "./0003-vocabulary.ts";
import { unpaid } from "./0005-unpaid.ts";
import { lists } from "./0006-lists.ts";
import { intake } from "./0015-intake.ts";
import { outsideGrants } from "./0016-outside-grants.ts";
import { styles } from "./0018-styles.ts";
import { namedReferences } from "./0020-named-references.ts";
import { batches } from "./0021-batches.ts";
import { visits } from "./0022-visits.ts";
import { approvals } from "./0023-approvals.ts";
import { tenantKeys } from "./0024-tenant-keys.ts";
import { workflowSteps } from "./0025-workflow-steps.ts";
import { descriptions } from "./0027-descriptions.ts";
import { usage } from "./0028-usage.ts";
import { turns } from "./0029-turns.ts";
import { memberTotals } from "./0030-member-totals.ts";

/** Every migration, oldest first; one that has been released is never changed. */
export function migrations(engine: Engine): Record<string, Migration> {
  return {
    "0001-start": start(engine),
    "0002-records": records(engine),
    "0003-vocabulary": vocabulary(engine),
    "0005-unpaid": unpaid(engine),
    "0006-lists": lists,
    "0015-intake": intake,
    "0016-outside-grants": outsideGrants,
    "0018-styles": styles,
    "0020-named-references": namedReferences,
    "0021-batches": batches,
    "0022-visits": visits,
    "0023-approvals": approvals(engine),
    "0024-tenant-keys": tenantKeys(engine),
    "0025-workflow-steps": workflowSteps,
    "0027-descriptions": descriptions,
    "0028-usage": usage(engine),
    "0029-turns": turns(engine),
    "0030-member-totals": memberTotals(engine),
  };
}

/** Did this program, or an older one, make a database of these migrations? */
export function isKnownShape(names: readonly string[]): boolean {
  const known = Object.keys(migrations("sqlite"));
  return names.length > 0 && names.every((name, index) => name === known[index]);
}
