import { expect, it } from "vitest";
import { withoutNulls } from "../../../../src/platforms/slack/api/without-nulls.ts";

it("takes nulls away at every depth, and nothing else", () => {
  const payload = { team: null, user: { id: "U1", name: null }, files: [null, { id: "F1", title: null }], text: "" };
  expect(withoutNulls(payload)).toEqual({ user: { id: "U1" }, files: [{ id: "F1" }], text: "" });
  expect(withoutNulls([0, false, "", null])).toEqual([0, false, ""]);
});
