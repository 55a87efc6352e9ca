import { expect, test } from "vitest";
import { commands } from "../../commands/index.ts";
import { commandsFor } from "../../src/app/offered-commands.ts";
import type { AnyCommand } from "../../src/command/command.ts";
import type { Fields } from "../../src/command/fields.ts";
import { gptImage2 } from "../../src/providers/gpt-image-2.ts";
import type { Capabilities } from "../../src/providers/provider.ts";

const special = ["background", "compression", "fidelity"];
const plain: Capabilities = { ...gptImage2, backgrounds: ["auto"], compression: "never", fidelity: false };

/** The special options of a command, and the backgrounds that may be chosen. */
function offered(name: string, ...services: readonly Partial<Capabilities>[]) {
  const providers = services.map((changed) => ({ capabilities: { ...plain, ...changed } }));
  const command = commandsFor(providers).find((one) => one.name === name) as AnyCommand;
  const fields = command.fields as Fields;
  const background = fields.background;
  const choices = background?.kind === "choice" ? background.choices.map(({ value }) => value) : undefined;
  return { fields: special.filter((field) => field in fields), choices };
}

test.each(["imagine", "edit", "settings", "admin-rules"])(
  "/%s offers the options that some service in use has, and no other",
  (name) => {
    expect(offered(name, {}, {})).toEqual({ fields: [], choices: undefined });
    expect(offered(name, { fidelity: true }).fields).toEqual(["fidelity"]);
    expect(offered(name, {}, { compression: "edits" }).fields).toEqual(["compression"]);
    expect(offered(name, { backgrounds: ["auto", "opaque"] })).toEqual({
      fields: ["background"],
      choices: ["auto", "opaque"],
    });
    const able = offered(name, {}, { backgrounds: ["auto", "opaque", "transparent"] });
    expect(able.choices).toEqual(["auto", "opaque", "transparent"]);
  },
);

test("every other field and command stays as it is", () => {
  const names = (all: readonly AnyCommand[]) => all.map(({ name }) => name);
  expect(names(commandsFor([]))).toEqual(names(commands));
  for (const [at, command] of commandsFor([]).entries()) {
    const before = Object.keys(commands[at]?.fields ?? {}).filter((field) => !special.includes(field));
    expect(Object.keys(command.fields)).toEqual(before);
  }
});
