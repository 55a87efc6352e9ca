import { commands } from "../../commands/index.ts";
import { renderRegistration } from "../platforms/discord/registration/registration.ts";
import { renderManifest } from "../platforms/slack/manifest.ts";
import { renderModels, renderServices } from "./render-services.ts";

/** `npm run render -- discord`, `-- slack` (`-- slack https://atelier.example` for HTTP mode): what is registered there; `-- services`: what they can do; `-- models`: what OpenAI's models can do and cost. */
const [asked, publicUrl] = process.argv.slice(2);
const json = (value: unknown) => JSON.stringify(value, undefined, 2);
const renderings: Readonly<Record<string, () => string>> = {
  discord: () => json(renderRegistration(commands)),
  slack: () =>
    json(renderManifest(commands, publicUrl === undefined ? { mode: "socket" } : { mode: "http", publicUrl })),
  services: renderServices,
  models: renderModels,
};

const chosen = asked === undefined ? Object.keys(renderings) : [asked];
for (const name of chosen) {
  const render = renderings[name];
  if (!render) {
    process.stderr.write(`There is no ${name}. There are ${Object.keys(renderings).join(", ")}.\n`);
    process.exit(1);
  }
  process.stdout.write(`${render()}\n`);
}
