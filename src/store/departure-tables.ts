/** The tables of those who left. */
export interface DepartureTables {
  leaving_member: LeavingMemberRow;
  removed_tenant: RemovedTenantRow;
}

/** A member who asked to be forgotten, until that is done. */
interface LeavingMemberRow {
  member: string;
  asked_at: number;
}

/** A tenant that the bot was removed from, until its rules are deleted. */
interface RemovedTenantRow {
  tenant: string;
  removed_at: number;
}
