import type { Trx } from "../../src/store/connection.ts";
import type { Database } from "../../src/store/database.ts";

/** When a database goes away: before the work, or after its commit, of which no word comes back then. */
export type Moment = "before" | "after";

export interface AwayDatabase extends Database {
  /** Transactions that were begun. */
  readonly begun: number;
  /** It is away now, and answers nothing. */
  readonly away: boolean;
  leave(): void;
  comeBack(): void;
  /** Leaves by itself at the transaction of that number, 1 being the next. */
  leaveAt(transaction: number, moment: Moment): void;
}

/** A database that can be out of reach, for reads and writes alike. */
export function awayDatabase(real: Database): AwayDatabase {
  let away = false;
  let begun = 0;
  let plan: { at: number; moment: Moment } | undefined;
  const gone = () => new Error("Connection terminated unexpectedly");
  const requireHere = () => {
    if (away) throw gone();
  };
  return {
    ...real,
    db: new Proxy(real.db, {
      get(db, key) {
        requireHere();
        const value: unknown = Reflect.get(db, key, db);
        return typeof value === "function" ? value.bind(db) : value;
      },
    }),
    get begun() {
      return begun;
    },
    get away() {
      return away;
    },
    leave: () => {
      away = true;
    },
    comeBack: () => {
      away = false;
      plan = undefined;
    },
    leaveAt: (transaction, moment) => {
      plan = { at: begun + transaction, moment };
    },
    healthy: async () => !away,
    async transaction<Result>(run: (trx: Trx) => Promise<Result>): Promise<Result> {
      requireHere();
      begun += 1;
      const moment = plan?.at === begun ? plan.moment : undefined;
      if (moment === "before") away = true;
      requireHere();
      const result = await real.transaction(run);
      if (moment === "after") {
        away = true;
        throw gone();
      }
      return result;
    },
  };
}
