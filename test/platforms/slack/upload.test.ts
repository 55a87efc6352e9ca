import { expect, it } from "vitest";
import { belongsToSlack } from "../../../src/platforms/slack/api/client.ts";
import { incomingImage } from "../../../src/platforms/slack/events/incoming.ts";

const apiUrl = "https://slack.com/api/";

it.each([
  ["https://files.slack.com/upload/v1/x", true],
  ["https://slack.com/x", true],
  ["http://files.slack.com/x", false],
  ["https://files.slack.com.evil.example/x", false],
  ["https://evilslack.com/x", false],
  ["https://files.slack.com@evil.example/x", false],
  ["", false],
])("knows whether %s is Slack's: %s", (url, yes) => {
  expect(belongsToSlack(url, apiUrl)).toBe(yes);
});

it("gives the token to nobody else when a member's file lies elsewhere", () => {
  const file = { name: "x.png", url_private: "https://drive.example/x.png" };
  expect(incomingImage("xoxb-1", apiUrl, file)).toEqual({
    filename: "x.png",
    source: { url: "https://drive.example/x.png" },
  });
});
