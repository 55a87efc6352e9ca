import { expect, it } from "vitest";
import { commandOrigin, eventOrigin, interactiveOrigin } from "../../../../src/platforms/slack/events/origin.ts";

it("reads first of an event for which installation it is", () => {
  const authorizations = [{ enterprise_id: null, team_id: "T1", user_id: "UBOT", is_bot: true }];
  const shared = { team_id: "T9", context_team_id: "T1", is_ext_shared_channel: true, authorizations };
  expect(eventOrigin({ ...shared, event: { channel: "C1" } })).toEqual({
    teams: ["T1", "T9"],
    organisation: undefined,
    authorized: ["T1"],
    channel: "C1",
    shared: true,
  });
  expect(eventOrigin({ team_id: "T9", context_team_id: "T1" }).teams).toEqual(["T1", "T9"]);
  expect(eventOrigin({ team_id: "T1", authorizations: null })).toMatchObject({ teams: ["T1"], authorized: undefined });
});

it("takes an organisation for no workspace", () => {
  const authorizations = [{ enterprise_id: "E1", team_id: null, is_enterprise_install: true }];
  expect(eventOrigin({ team_id: "T5", authorizations })).toMatchObject({ teams: ["T5"], organisation: "E1" });
  const pressed = { team: null, enterprise: { id: "E1" }, user: { team_id: "T5" }, is_enterprise_install: true };
  expect(interactiveOrigin(pressed)).toMatchObject({ teams: ["T5"], organisation: "E1" });
  expect(commandOrigin({ team_id: "T5", enterprise_id: "E1" })).toMatchObject({ teams: ["T5"], organisation: "E1" });
});

it("goes by the message or the form of ours that a member of another organisation uses", () => {
  const stranger = { api_app_id: "A1", team: { id: "T9" }, user: { team_id: "T9" } };
  const ours = { app_id: "A1", team: "T1", bot_profile: { app_id: "A1", team_id: "T1" } };
  expect(interactiveOrigin({ ...stranger, message: ours }).teams).toEqual(["T1", "T9"]);
  expect(interactiveOrigin({ ...stranger, message: { ...ours, bot_profile: undefined } }).teams).toEqual(["T1", "T9"]);
  expect(interactiveOrigin({ ...stranger, message: { app_id: "A2", team: "T3" } }).teams).toEqual(["T9"]);
  expect(interactiveOrigin({ ...stranger, view: { app_installed_team_id: "T1" } }).teams).toEqual(["T1", "T9"]);
  const form = { private_metadata: JSON.stringify({ command: "imagine", team: "T1" }) };
  expect(interactiveOrigin({ ...stranger, view: form }).teams).toEqual(["T1", "T9"]);
});
