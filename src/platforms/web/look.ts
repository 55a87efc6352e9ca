import type { Request } from "express";
import { readCookie } from "./cookies.ts";

const languages = ["en", "zh-CN"] as const;
const themes = ["light", "dark"] as const;

/** The language and theme that the reader chose with the page's own switches, which set these cookies; undefined: as the browser has it. */
export interface Look {
  readonly language?: (typeof languages)[number] | undefined;
  readonly theme?: (typeof themes)[number] | undefined;
}

export function lookOf(req: Request): Look {
  const language = readCookie(req, "atelier-language");
  const theme = readCookie(req, "atelier-theme");
  return { language: languages.find((one) => one === language), theme: themes.find((one) => one === theme) };
}
