import type { JobImage } from "../../contract/usecases.ts";

/** A button's or form's work: a command, and the job (and image) that it stands on. */
export interface Action {
  readonly job?: JobImage["job"] | undefined;
  readonly index?: JobImage["index"];
  readonly command: string;
}

/** `command`, `command:job` or `command:job:image`; far below Discord's 100 characters. */
export function customId({ command, job, index }: Action): string {
  if (job === undefined) return command;
  return index === undefined ? `${command}:${job}` : `${command}:${job}:${index}`;
}

const shape = /^(?<command>[a-z][a-z-]{0,31})(?::(?<job>[0-9a-z]{1,40})(?::(?<index>\d{1,2}))?)?$/;

/** Reads a custom id; undefined for anything that `customId` did not write: ids come back from outside. */
export function parseCustomId(id: string): Action | undefined {
  const { command, job, index } = shape.exec(id)?.groups ?? {};
  if (!command) return undefined;
  return {
    command,
    ...(job === undefined ? {} : { job }),
    ...(index === undefined ? {} : { index: Number(index) }),
  };
}
