import type { Payer } from "../request.ts";

/** The column of a job that says whose account at the service pays for it. */
export interface PayerColumn {
  payer: Payer;
}

/** The column of a call that names the key by which it is made. */
export interface KeyColumn {
  /** The id of a tenant's key, which may be gone by now; null: the operator's. */
  tenant_key: string | null;
}

export interface TenantKeyTables {
  tenant_key: TenantKeyRow;
}

/** The key of a tenant for a service. */
export interface TenantKeyRow {
  id: string;
  tenant: string;
  service: string;
  /** Sealed under a secret of the environment, for this tenant and service. */
  sealed: string;
  added_at: number;
  /** The member key of who gave it. */
  added_by: string;
  added_name: string;
  /** When it was removed, or replaced: it stays until the last call that was sent by it has ended. */
  removed_at: number | null;
  /** The last call by it was refused for the key, or for want of money. */
  trouble: "key" | "money" | null;
  trouble_at: number | null;
}
