import { commands } from "../commands/index.ts";
import { renderRegistration } from "./platforms/discord/registration.ts";
import { renderManifest } from "./platforms/slack/manifest.ts";

/** `npm run render -- discord`, `-- slack`, or `-- slack https://atelier.example` for HTTP mode: what is registered there. */
const [platform, publicUrl] = process.argv.slice(2);
const renderings: Readonly<Record<string, () => unknown>> = {
  discord: () => renderRegistration(commands),
  slack: () => renderManifest(commands, publicUrl === undefined ? { mode: "socket" } : { mode: "http", publicUrl }),
};

const chosen = platform === undefined ? Object.keys(renderings) : [platform];
for (const name of chosen) {
  const render = renderings[name];
  if (!render) {
    process.stderr.write(`There is no platform ${name}. There are ${Object.keys(renderings).join(", ")}.\n`);
    process.exit(1);
  }
  process.stdout.write(`${JSON.stringify(render(), undefined, 2)}\n`);
}
