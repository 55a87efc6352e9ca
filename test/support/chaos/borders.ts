import {
  type DatabaseConnection,
  type Dialect,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import type { ImageSink } from "../../../src/image.ts";
import type { Images } from "../../../src/images/images.ts";
import type { Database } from "../../../src/store/database.ts";
import type { Tables } from "../../../src/store/tables.ts";
import type { World } from "../../../src/world.ts";
import type { Lane } from "./scheduler.ts";

/** The database as one simulated process reaches it. A transaction is one step: the engines see to that. */
export function borderedDatabase(database: Database, lane: Lane): Database {
  return {
    ...database,
    db: new Kysely<Tables>({ dialect: borderedDialect(database, lane) }),
    transaction: (run, options) => lane.outside(() => database.transaction(run, options)),
    notify: () => lane.outside(() => database.notify()),
    healthy: () => lane.outside(() => database.healthy()),
  };
}

/** Compiles for the engine, and hands each statement to the real database when its turn has come. */
function borderedDialect({ db, engine }: Database, lane: Lane): Dialect {
  const connection = {
    executeQuery: (query) => lane.outside(() => db.executeQuery(query)),
    streamQuery: () => notHere(),
  } as DatabaseConnection;
  const sqlite = engine === "sqlite";
  return {
    createDriver: () => ({
      init: async () => undefined,
      acquireConnection: async () => connection,
      releaseConnection: async () => undefined,
      beginTransaction: notHere,
      commitTransaction: notHere,
      rollbackTransaction: notHere,
      destroy: async () => undefined,
    }),
    createAdapter: () => (sqlite ? new SqliteAdapter() : new PostgresAdapter()),
    createQueryCompiler: () => (sqlite ? new SqliteQueryCompiler() : new PostgresQueryCompiler()),
    createIntrospector: (given) => (sqlite ? new SqliteIntrospector(given) : new PostgresIntrospector(given)),
  };
}

function notHere(): never {
  throw new Error("use Database.transaction");
}

/** The disk as one simulated process reaches it; files that it leaves open stay in `open`. */
export function borderedImages(images: Images, lane: Lane, open: Set<ImageSink>): Images {
  const disk = Object.fromEntries(
    Object.entries(images).map(([name, method]: [string, (...given: never[]) => unknown]) => [
      name,
      name === "pathOf" ? method : (...given: never[]) => lane.outside(async () => method(...given)),
    ]),
  ) as unknown as Images;
  return {
    ...disk,
    openResult: async (attempt, index) => {
      const sink = await lane.outside(async () => {
        const opened = await images.openResult(attempt, index);
        open.add(opened);
        return opened;
      });
      return borderedSink(sink, lane);
    },
  };
}

function borderedSink(sink: ImageSink, lane: Lane): ImageSink {
  return {
    write: (chunk) => lane.outside(() => sink.write(chunk)),
    commit: () => lane.outside(() => sink.commit()),
    discard: () => lane.outside(() => sink.discard()),
  };
}

/** The clock of one simulated process: who slept waits for a turn, too. */
export function borderedWorld(world: World, lane: Lane): World {
  return {
    ...world,
    async sleep(ms, signal) {
      await world.sleep(ms, signal);
      await lane.border();
    },
  };
}
