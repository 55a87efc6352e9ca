import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import type { ImagineTask, Task } from "./task.ts";

/** sysexits.h EX_USAGE. */
const exitUsage = 64;

const description = `Atelier: gpt-image-2 in Discord and Slack. Without a command, the bot is started;
without configuration, with the playground on http://127.0.0.1:8080.`;

const epilogue = `
Configuration is read from the environment and from a file .env; docs/configuration.md lists every variable.
Everything works while the bot runs. Exit codes: 0 done, 1 failed, 2 refused or declined, 64 a wrong command line,
78 a wrong configuration, 130 interrupted.`;

/** Reads what the arguments ask for; or, when they are wrong or ask for help, the exit code, after that was written. */
export function parseCommandLine(args: readonly string[]): Task | { readonly exit: number } {
  let task: Task | undefined;
  const program = describe((chosen) => {
    task = chosen;
  });
  try {
    program.parse(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { exit: error.exitCode === 0 ? 0 : exitUsage };
  }
  return task ?? { exit: exitUsage };
}

function describe(choose: (task: Task) => void): Command {
  const program = new Command("npm start --").description(description).exitOverride().showHelpAfterError();
  const alone = ["check", "audit", "backup", "restore"];
  const option = (flags: string, text: string, name: string) =>
    program.addOption(new Option(flags, text).conflicts(alone.filter((other) => other !== name)));
  option("--check", "check the configuration and every connection; start nothing", "check");
  option("--audit", "check every credit and every image; change nothing", "audit");
  option("--backup <file>", "write everything into one archive (tar)", "backup");
  option("--restore <file>", "bring an archive into an empty folder or database", "restore");
  program.allowExcessArguments(false).addHelpText("after", epilogue);
  program.action((options) => choose(withoutCommand(options)));
  addImagine(program, choose);
  program
    .command("grant")
    .description("give credits to a member")
    .argument("<member>", "such as discord:123456789012345678 or slack:T123:U456")
    .argument("<credits>", "how many; 1000 are a US dollar", whole)
    .action((member: string, amount: number) => choose({ name: "grant", member, amount }));
  program
    .command("usage")
    .description("what was made and spent, by day, service, tenant and member")
    .option("--days <n>", "of so many UTC days, today among them", whole, 30)
    .action(({ days }: { days: number }) => choose({ name: "usage", days }));
  return program;
}

function addImagine(program: Command, choose: (task: Task) => void): void {
  program
    .command("imagine")
    .description("make images, as /imagine does, and save them")
    .argument("<prompt>", "what to draw, or what to change in --image")
    .option("--out <folder>", "where the images are saved", ".")
    .option("--size <size>", "auto, pixels such as 2048x1152, or a ratio such as 2K 16:9")
    .option("--quality <quality>", "auto, low, medium or high")
    .option("--count <n>", "how many images", whole)
    .option("--format <format>", "png, jpeg or webp")
    .option("--image <file>", "an image to start from; may be given several times", collect, [])
    .option("--mask <file>", "transparent where the first image is to be redrawn")
    .option("--provider <name>", "the service that is to make them")
    .option("--yes", "do not ask before a high price", false)
    .action((prompt: string, options: Omit<ImagineTask, "prompt">) => choose({ name: "imagine", prompt, ...options }));
}

interface Alone {
  readonly check?: true;
  readonly audit?: true;
  readonly backup?: string;
  readonly restore?: string;
}

function withoutCommand({ check, audit, backup, restore }: Alone): Task {
  if (check) return { name: "check" };
  if (audit) return { name: "audit" };
  if (backup !== undefined) return { name: "backup", file: backup };
  if (restore !== undefined) return { name: "restore", file: restore };
  return { name: "start" };
}

function whole(typed: string): number {
  if (!/^\d{1,15}$/.test(typed)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(typed);
}

function collect(file: string, before: readonly string[]): readonly string[] {
  return [...before, file];
}
