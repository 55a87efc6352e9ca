import { expect, test } from "vitest";
import { commands } from "../../commands/index.ts";
import type { Field } from "../../src/command/fields.ts";

test("a key is asked for in a form alone: no command that can be typed has a secret field", () => {
  const secret = commands.filter(({ fields }) =>
    Object.values<Field>(fields).some((field) => field.kind === "text" && field.secret),
  );
  expect(secret.map(({ name, entry, audience }) => [name, entry, audience])).toEqual([
    ["admin-keys-give", "button", "admins"],
  ]);
});
