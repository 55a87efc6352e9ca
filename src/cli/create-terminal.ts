import { createInterface } from "node:readline/promises";
import type { Terminal } from "./imagine.ts";
import { printable } from "./printable.ts";

/** The terminal of this process: results on stdout, all else on stderr. */
export function createTerminal(): Terminal {
  const { stdin, stdout, stderr } = process;
  return {
    print: (line) => void stdout.write(`${printable(line)}\n`),
    say: (line) => void stderr.write(`${printable(line)}\n`),
    async confirm(question) {
      if (!stdin.isTTY) {
        stderr.write(`${printable(question)} There is nobody to ask here: say --yes.\n`);
        return false;
      }
      const line = createInterface({ input: stdin, output: stderr });
      const answer = await line.question(`${printable(question)} [y/N] `).finally(() => line.close());
      return /^y(es)?$/i.test(answer.trim());
    },
    onInterrupt(pressed) {
      process.once("SIGINT", pressed); // once: a second Ctrl-C ends the command, as everywhere
      return () => void process.off("SIGINT", pressed);
    },
    out: stderr,
  };
}
