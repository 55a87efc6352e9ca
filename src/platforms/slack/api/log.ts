import { type Logger, LogLevel } from "@slack/bolt";
import type { Log } from "../../../world.ts";

/**
 * Slack's libraries log through ours; never what they call debug, which holds whole payloads and tokens. `onTrouble` is
 * told what they warn of.
 */
export function boltLogger(log: Log, onTrouble: (words: string) => void = () => undefined): Logger {
  const writeAt = (level: "info" | "warn" | "error") => {
    return (...parts: unknown[]) => {
      const words = parts.map(String).join(" ");
      log[level]({ from: "slack" }, words);
      if (level !== "info") onTrouble(words);
    };
  };
  return {
    debug: () => undefined,
    info: writeAt("info"),
    warn: writeAt("warn"),
    error: writeAt("error"),
    setLevel: () => undefined,
    setName: () => undefined,
    getLevel: () => LogLevel.INFO,
  };
}
