import type { BlockAction, GlobalShortcut } from "@slack/bolt";
import { expect, it } from "vitest";
import { callerOf } from "../../../../src/platforms/slack/event.ts";
import { buttonEvent, shortcutEvent } from "../../../../src/platforms/slack/events/events.ts";

const respond = async () => new Response();
const press = (message: object, actionTs = "5.5") =>
  buttonEvent(
    "T1",
    {
      team: { id: "T1" },
      user: { id: "U1", username: "ada" },
      channel: { id: "C1" },
      message,
      container: {},
      trigger_id: "t",
      actions: [{ action_id: "again:j1:", action_ts: actionTs }],
    } as unknown as BlockAction,
    respond,
    "en",
  );

it("answers within the thread in which a button was pressed, and not below the message itself", () => {
  expect(press({ ts: "2.2", thread_ts: "1.1" }).thread).toBe("1.1");
  expect(press({ ts: "1.1", thread_ts: "1.1" }).thread).toBeUndefined();
  expect(press({ ts: "1.1" }).thread).toBeUndefined();
});

it("tells two presses apart, and a press from its own repetition", () => {
  expect(press({ ts: "1.1" }, "5.5").inbound).toBe(press({ ts: "1.1" }, "5.5").inbound);
  expect(press({ ts: "1.1" }, "5.5").inbound).not.toBe(press({ ts: "1.1" }, "5.6").inbound);
});

it("makes one account in one workspace of a member who belongs to another", () => {
  const body = { team: { id: "T9" }, user: { id: "U1", username: "ada", team_id: "T9" }, trigger_id: "t" };
  const event = shortcutEvent("T1", body as GlobalShortcut, "zh-CN");
  expect(callerOf(event, { team: event.team, user: event.user, private: false })).toMatchObject({
    tenant: "slack:T1",
    member: "slack:T1:U1",
    name: "ada",
    locale: "zh-CN",
  });
});
