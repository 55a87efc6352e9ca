import { audit, type Finding } from "../store/audit.ts";
import type { DatabaseLocation } from "../store/connection.ts";
import { openForReading } from "../store/read-only.ts";

export type AuditAnswer = { readonly findings: readonly Finding[] } | { readonly error: string };

/** Started by audit.ts. The location comes as a message: a list of processes shows arguments to everybody. */
process.once("disconnect", () => process.exit());
process.once("message", async (location: DatabaseLocation) => {
  process.send?.(await answer(location));
  process.disconnect?.();
});

async function answer(location: DatabaseLocation): Promise<AuditAnswer> {
  try {
    const reading = await openForReading(location);
    return { findings: await audit(reading.db).finally(() => reading.close()) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}
