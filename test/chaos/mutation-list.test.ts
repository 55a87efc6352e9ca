import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { mutations } from "./mutation-list.ts";

test.each(mutations.flatMap(({ name, edits }) => edits.map((edit) => ({ name, ...edit }))))(
  "the safeguard $name can still be taken out of $file",
  ({ file, from }) => {
    expect(readFileSync(file, "utf8").split(from)).toHaveLength(2);
  },
);
