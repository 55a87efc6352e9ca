import { afterEach, beforeEach, expect, it } from "vitest";
import { createMembers } from "../../../../src/platforms/slack/api/members.ts";
import { createWorkspaces } from "../../../../src/platforms/slack/api/workspaces.ts";
import { type SlackHouse, slackHouse } from "../../../support/slack/context.ts";
import { memoryCache, testWorld } from "../../../support/world.ts";

let house: SlackHouse;

beforeEach(async () => {
  house = await slackHouse();
});
afterEach(() => house.close());

/** Over a clock that stands still until it is moved. */
function membersOf() {
  const world = testWorld();
  const context = { ...house.context, world, cache: memoryCache() };
  return { world, members: createMembers(createWorkspaces(house.options, context), context) };
}

it("asks Slack once for many who want to know the same, and again only after a minute", async () => {
  const { members, world } = membersOf();
  house.slack.members.set("U1", { locale: "zh-CN", admin: true, displayName: "ada" });
  const [first] = await Promise.all([members.facts("T1", "U1"), members.facts("T1", "U1")]);
  expect(first).toMatchObject({ locale: "zh-CN", admin: true, name: "ada" });
  world.advance(59_000);
  await members.facts("T1", "U1");
  expect(house.slack.callsOf("users.info")).toHaveLength(1);
  house.slack.members.set("U1", { locale: "zh-CN", admin: false, displayName: "ada" });
  world.advance(1000);
  expect(await members.facts("T1", "U1")).toMatchObject({ admin: false });
});

it("remembers the language of a member when Slack does not tell, but no rights", async () => {
  const { members, world } = membersOf();
  house.slack.members.set("U1", { locale: "zh-CN", admin: true, displayName: "ada" });
  await members.facts("T1", "U1");
  world.advance(60_000);
  house.slack.trouble("users.info", { error: "internal_error" });
  expect(await members.facts("T1", "U1")).toMatchObject({ locale: "zh-CN", admin: false });
});

it("asks for user groups only where a rule or an allowance names one", async () => {
  const world = testWorld();
  let named = false;
  const context = { ...house.context, world, cache: memoryCache(), namesRoles: async () => named };
  const members = createMembers(createWorkspaces(house.options, context), context);
  house.slack.groups.set("S1", ["U1"]);
  for (const user of ["U1", "U2", "U3"]) expect((await members.facts("T1", user)).groups).toEqual([]);
  expect(house.slack.callsOf("usergroups.list")).toEqual([]);
  named = true;
  world.advance(60_000);
  expect((await members.facts("T1", "U1")).groups).toEqual(["slack:T1/group:S1"]);
});

it.each(["missing_scope", "paid_teams_only", "plan_upgrade_required"])(
  "remembers that user groups are refused (%s) as long as an answer",
  async (error) => {
    const { members, world } = membersOf();
    for (const _ of [1, 2, 3]) house.slack.trouble("usergroups.list", { error });
    for (const user of ["U1", "U2", "U3"]) await members.facts("T1", user);
    world.advance(299_000);
    await members.facts("T1", "U1");
    expect(house.slack.callsOf("usergroups.list")).toHaveLength(1);
    world.advance(1000);
    await members.facts("T1", "U1");
    expect(house.slack.callsOf("usergroups.list")).toHaveLength(2);
  },
);

it.each([
  ["who manages another workspace", { team_id: "T9" }],
  ["a stranger", { is_stranger: true }],
  ["who has left", { deleted: true }],
  ["a bot", { is_bot: true }],
  ["whom Slack gives no workspace", { team_id: undefined }],
  ["who belongs to another organisation", { team_id: "T9", enterprise_user: { teams: ["T9"] } }],
])("gives no rights to %s", async (_who, more) => {
  house.slack.members.set("U1", { locale: "en", admin: true, displayName: "ada", more });
  expect(await membersOf().members.facts("T1", "U1")).toMatchObject({ admin: false, name: "ada" });
});

it("gives rights to who manages the workspace, also at home in another one of its organisation", async () => {
  const more = { team_id: "T3", enterprise_user: { teams: ["T3", "T1"] } };
  house.slack.members.set("U1", { locale: "en", admin: true, displayName: "ada", more });
  expect(await membersOf().members.facts("T1", "U1")).toMatchObject({ admin: true });
});

it("names the organisation of the workspace by its members, not by a guest of another one", async () => {
  const facts = async (more: NonNullable<Parameters<typeof house.slack.members.set>[1]["more"]>) => {
    house.slack.members.set("U1", { locale: "en", admin: false, displayName: "ada", more });
    return (await membersOf().members.facts("T1", "U1")).organisation;
  };
  expect(await facts({ enterprise_user: { enterprise_id: "E1", teams: ["T1"] } })).toBe("slack:E1");
  expect(await facts({ team_id: "T9", enterprise_user: { enterprise_id: "E9", teams: ["T9"] } })).toBeUndefined();
  expect(await facts({})).toBeUndefined();
});

it("does without what Slack does not let it know", async () => {
  house.slack.scopes.delete("users:read");
  house.slack.scopes.delete("usergroups:read");
  expect(await membersOf().members.facts("T1", "U1")).toEqual({
    locale: undefined,
    name: undefined,
    admin: false,
    groups: [],
  });
});

it("does not wait for Slack longer than half a second when a form must be opened", async () => {
  const { members, world } = membersOf();
  const never = Promise.withResolvers<void>();
  house.slack.trouble("users.info", { until: never.promise });
  const known = members.quickly("T1", "U1");
  await house.slack.until(() => house.slack.held === 1);
  world.advance(500);
  expect(await known).toEqual({ admin: false, groups: [], locale: undefined });
  never.resolve();
});
