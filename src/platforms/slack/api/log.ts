import { type Logger, LogLevel } from "@slack/bolt";
import type { Log } from "../../../world.ts";

/** Slack's libraries log through ours; never what they call debug, which holds whole payloads and tokens. */
export function boltLogger(log: Log): Logger {
  const say = (level: "info" | "warn" | "error") => {
    return (...parts: unknown[]) => log[level]({ from: "slack" }, parts.map(String).join(" "));
  };
  return {
    debug: () => undefined,
    info: say("info"),
    warn: say("warn"),
    error: say("error"),
    setLevel: () => undefined,
    setName: () => undefined,
    getLevel: () => LogLevel.INFO,
  };
}
