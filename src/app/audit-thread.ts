import { parentPort, workerData } from "node:worker_threads";
import { audit } from "../store/audit.ts";
import { openForReading } from "../store/read-only.ts";

/** Started by audit.ts: long statements of the embedded engine would hold up everything on the main thread. */
const reading = await openForReading(workerData);
parentPort?.postMessage(await audit(reading.db));
await reading.close();
