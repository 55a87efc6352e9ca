import { printable } from "../cli/printable.ts";
import { type Config, ConfigError, loadConfig } from "../config/config.ts";
import { providerDefinitions } from "../providers/index.ts";
import type { Log } from "../world.ts";
import { createLearntSecrets } from "./learnt-secrets.ts";
import { createLog } from "./log.ts";
import { openAppDeps } from "./open.ts";
import { serve } from "./serve.ts";

/** sysexits.h EX_CONFIG: service managers know that starting again will not help. */
const exitConfig = 78;

function configure(): Config {
  try {
    return loadConfig(process.env, providerDefinitions);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const sentence of error.problems) process.stderr.write(`${printable(sentence)}\n`);
    process.exit(exitConfig);
  }
}

/** Half dead is worse than dead: whoever starts the process again recovers what it did. */
function endAtBugs(log: Log): void {
  for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(event, (error) => {
      log.error({ err: error }, "a bug; the process ends here, and the next one recovers its jobs");
      process.exitCode = 1;
      setImmediate(() => process.exit(1)); // after the line is written
    });
  }
}

async function start(): Promise<void> {
  const config = configure();
  const pretty = process.stdout.isTTY === true;
  const { secrets, logLevel: level } = config;
  const learnt = createLearntSecrets();
  const log = await createLog({ level, secrets, learnt, pretty, out: process.stdout });
  endAtBugs(log);
  await serve(await openAppDeps({ config, log, learnt, failPoint: process.env.ATELIER_FAILPOINT }));
}

/** Everything but the bot itself; loaded only then, because its start counts. */
async function command(args: readonly string[]): Promise<void> {
  const { parseCommandLine } = await import("../cli/command-line.ts");
  const task = parseCommandLine(args);
  if ("exit" in task) process.exit(task.exit);
  if (task.name === "start") return start();
  const config = configure();
  const quiet = task.name === "check" || task.name === "audit"; // they say themselves what is wrong
  const level = quiet ? "silent" : "error";
  const pretty = process.stderr.isTTY === true;
  const learnt = createLearntSecrets();
  const log = await createLog({ level, secrets: config.secrets, learnt, pretty, out: process.stderr });
  endAtBugs(log);
  const { perform } = await import("./perform.ts");
  process.exit(await perform(task, { config, log, learnt, failPoint: process.env.ATELIER_FAILPOINT }));
}

try {
  const args = process.argv.slice(2);
  await (args.length === 0 ? start() : command(args));
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${message.split("\n").map(printable).join("\n")}\n`);
  process.exit(1);
}
