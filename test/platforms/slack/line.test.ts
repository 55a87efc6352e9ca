import { expect, it } from "vitest";
import { imagine } from "../../../commands/imagine.ts";
import type { Fields } from "../../../src/command/fields.ts";
import type { Refusal } from "../../../src/errors.ts";
import { readLine } from "../../../src/platforms/slack/events/line.ts";

const read = (line: string) => readLine(line, imagine.fields, "T1").answers;

it("takes the whole line as the prompt when there are no options", () => {
  expect(read("a red bicycle -- very red, --fast")).toEqual({ prompt: "a red bicycle -- very red, --fast" });
});

it("reads options of every kind behind the prompt", () => {
  expect(read("a red bicycle --size 2K 16:9 --quality HIGH --count 2 --format jpeg --private")).toEqual({
    prompt: "a red bicycle",
    size: "2K 16:9",
    quality: "high",
    count: 2,
    format: "jpeg",
    private: true,
  });
});

it("reads dashes that a phone made longer, and an equals sign", () => {
  expect(read("a cat —size=1024x1024 –count 3")).toEqual({ prompt: "a cat", size: "1024x1024", count: 3 });
});

it("gives words behind an option of one word back to the prompt", () => {
  expect(read("--count 2 a cat --private on a mat")).toEqual({ prompt: "a cat a mat", count: 2, private: true });
  expect(read("a cat --private please")).toEqual({ prompt: "a cat please", private: true });
});

it("takes no for no", () => {
  expect(read("a cat --private no")).toEqual({ prompt: "a cat", private: false });
});

it("gives back what Slack escaped", () => {
  expect(read("salt &amp; &lt;pepper&gt; &amp;lt;")).toEqual({ prompt: "salt & <pepper> &lt;" });
});

it("refuses a count that is no number", () => {
  expect(() => read("a cat --count many")).toThrow("option-unknown");
});

it("cannot be given files", () => {
  expect(read("a cat --images x.png --mask y.png")).toEqual({ prompt: "a cat --images x.png --mask y.png" });
});

it("reads a member by Slack's markup only", () => {
  const said = { label: () => "", hint: () => "", required: false } as const;
  const fields = { to: { ...said, kind: "member" } } as const;
  expect(readLine("--to <@U7|bob>", fields, "T1").answers).toEqual({ to: "slack:T1:U7" });
  expect(() => readLine("--to bob", fields, "T1")).toThrow("option-unknown");
});

it("reads the words at the end of a prompt as options, unless an option says otherwise", () => {
  expect(read("a red bicycle 2k 16:9 x3")).toEqual({ prompt: "a red bicycle", size: "2K 16:9", count: 3 });
  const words = { prompt: "a red bicycle, 2k", size: "1024x1024" };
  expect(readLine("a red bicycle, 2k --size 1024x1024", imagine.fields, "T1")).toEqual({ answers: words });
});

it("keeps the sentence before words were taken out of it, without the options that were named", () => {
  const { answers, asWritten } = readLine("a red &amp; blue bicycle, 2k x3 --private", imagine.fields, "T1");
  expect(answers).toEqual({ prompt: "a red & blue bicycle", size: "2K", count: 3, private: true });
  expect(asWritten).toStrictEqual({ prompt: "a red & blue bicycle, 2k x3", size: undefined, count: undefined });
  expect(readLine("a red bicycle --size 2k --count 3", imagine.fields, "T1").asWritten).toBeUndefined();
});

const described = { label: () => "", hint: () => "", required: false } as const;
const grant: Fields = {
  member: { ...described, kind: "member" },
  amount: { ...described, kind: "integer", min: 1, max: 100 },
};

it("takes words in any order where there is no text to write", () => {
  const granted = { member: "slack:T1:U7", amount: 100 };
  expect(readLine("<@U7|bob> 100", grant, "T1").answers).toEqual(granted);
  expect(readLine("100 <@U7>", grant, "T1").answers).toEqual(granted);
  expect(readLine("--amount 100 <@U7>", grant, "T1").answers).toEqual(granted);
});

it("refuses a word that no field takes, and says what there is", () => {
  const refused = (line: string) => {
    try {
      return readLine(line, grant, "T1").answers;
    } catch (error) {
      return (error as Refusal).facts;
    }
  };
  expect(refused("bob 100")).toMatchObject({ value: "bob", allowed: ["--member @member", "--amount 1–100"] });
  expect(refused("<@U7> 100 200")).toMatchObject({ value: "200", allowed: [] });
});

it("reads groups and channels by Slack's markup", () => {
  const fields: Fields = { role: { ...described, kind: "role" }, channel: { ...described, kind: "channel" } };
  expect(readLine("<!subteam^S0ABC|@designers> <#C7|general>", fields, "T1").answers).toEqual({
    role: "slack:T1/group:S0ABC",
    channel: "C7",
  });
});
