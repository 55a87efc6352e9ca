import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Request, Response } from "express";
import { playgroundTextFor } from "../../text/playground.ts";
import { languageOf } from "../../text/text.ts";
import { localeOf } from "./caller.ts";
import { lookOf } from "./look.ts";

type PageName = "index" | "login";

/** The two HTML pages: `{{name}}` in them is a word of the playground, or one of the values given, escaped. */
export interface Pages {
  send(req: Request, res: Response, name: PageName, values: Readonly<Record<string, string>>): void;
}

export function createPages(directory: string): Pages {
  const read = (name: PageName) => readFileSync(join(directory, `${name}.html`), "utf8");
  const templates = { index: read("index"), login: read("login") };
  return {
    send(req, res, name, values) {
      sendPage(req, res, templates[name], { ...playgroundTextFor(localeOf(req)), ...values });
    },
  };
}

/** A template in the reader's language and looks; `{{name}}` in it is one of the words given, escaped. */
export function sendPage(
  req: Request,
  res: Response,
  template: string,
  words: Readonly<Record<string, unknown>>,
  caching = "private, no-cache",
): void {
  const theme = lookOf(req).theme ?? "system";
  const html = `<html lang="${languageOf(localeOf(req))}" data-theme="${theme}">`;
  const page = render(template, words).replace('<html lang="en">', html);
  res.set({ "Cache-Control": caching, Vary: "Accept-Language, Cookie" }).type("html").send(page);
}

function render(template: string, values: Readonly<Record<string, unknown>>): string {
  return template.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (typeof value !== "string") throw new Error(`the page asks for “${name}”, which is no word`);
    return escapeHtml(value);
  });
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? "");
}
