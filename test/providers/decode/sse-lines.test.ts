import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SseLines } from "../../../src/providers/decode/sse-lines.ts";

interface Event {
  readonly name: string;
  readonly data: string;
}

/** The events with data, each with the line feed that ends a line of it; a chunk at each place has that length. */
function read(text: string | Buffer, length = (_at: number) => 65_536): Event[] {
  const bytes = Buffer.from(text);
  const lines = new SseLines();
  const events: Event[] = [];
  let data = "";
  const take = (tokens: ReturnType<SseLines["read"]>) => {
    for (const token of tokens) {
      if (token.kind === "data") data += token.chunk.toString("latin1");
      else if (data !== "") events.push({ name: token.name, data });
      if (token.kind === "end") data = "";
    }
  };
  for (let at = 0; at < bytes.length; ) {
    const end = at + Math.max(1, length(at));
    take(lines.read(bytes.subarray(at, end)));
    at = end;
  }
  take(lines.end());
  return events;
}

/** The standard's own way: the whole text, line by line; but a last line without an end counts. */
function readWhole(text: string): Event[] {
  const events: Event[] = [];
  let [name, data] = ["", ""];
  const lines = Buffer.from(text)
    .toString("latin1")
    .split(/\r\n|\n|\r/);
  for (const [at, line] of [...lines, ""].entries()) {
    if (line === "") {
      if (data !== "") events.push({ name, data });
      [name, data] = ["", ""];
      continue;
    }
    const colon = line.indexOf(":");
    if (colon < 0) continue;
    const field = line.slice(0, colon);
    const value = line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") name = value;
    if (field === "data") data += at < lines.length - 1 ? `${value}\n` : value;
  }
  return events;
}

describe("SseLines", () => {
  it.each([
    ["line feeds", "event: a\ndata: 1\n\ndata: 2\n\n"],
    ["carriage returns", "event: a\rdata: 1\r\rdata: 2\r\r"],
    ["both", "event: a\r\ndata: 1\r\n\r\ndata: 2\r\n\r\n"],
    ["no space behind the colon", "event:a\ndata:1\n\ndata:2\n\n"],
    ["comments and other fields", ": hello\nid: 7\nevent: a\nretry: 10\ndata: 1\n\n: ping\n\ndata: 2\n\n"],
    ["empty events between", "\n\nevent: a\ndata: 1\n\n\n\nevent: x\n\ndata: 2\n\n"],
    ["the name behind the data", "data: 1\nevent: a\n\ndata: 2\n\n"],
    ["the last name of several", "event: x\nevent: a\ndata: 1\n\ndata: 2\n\n"],
    ["a byte order mark", "\ufeffevent: a\ndata: 1\n\ndata: 2\n\n"],
    ["an end in the middle of an event", "event: a\ndata: 1\n\ndata: 2\n"],
    ["names that only begin alike", "event: a\ndatabase: 3\ndat: 4\ndata\ndata: 1\n\neventual: b\ndata: 2\n\n"],
  ])("reads two events, with %s, wherever a chunk ends", (_what, text) => {
    for (let length = 1; length < 20; length += 1) {
      expect(read(text, () => length)).toEqual([
        { name: "a", data: "1\n" },
        { name: "", data: "2\n" },
      ]);
    }
  });

  it("joins the lines of one event", () => {
    expect(read('data: {\ndata:  "a":1\ndata: }\n\n')).toEqual([{ name: "", data: '{\n "a":1\n}\n' }]);
  });

  it("keeps only the beginning of an endless name", () => {
    const [event] = read(`event: ${"x".repeat(10_000)}\n${"y".repeat(10_000)}: 1\ndata: 1\n\n`, () => 64);
    expect(event).toEqual({ name: "x".repeat(100), data: "1\n" });
  });

  it("reads what the standard reads, however it is cut", () => {
    const line = fc.constantFrom("data", "event", "id", ":", ": ", " ", "\n", "\r", "\r\n", "\n\n", "é", "{", "x");
    const lengths = fc.infiniteStream(fc.integer({ min: 1, max: 9 }));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 40 }), lengths, (pieces, cuts) => {
        const text = pieces.join("");
        expect(read(text, () => cuts.next().value)).toEqual(readWhole(text));
      }),
      { seed: 20261120, numRuns: 3000, interruptAfterTimeLimit: 3000 },
    );
  });
});
