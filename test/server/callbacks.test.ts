import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createCallbacks } from "../../src/server/callbacks.ts";

let server: Server;
let address: string;
let received: [string, string][];

beforeEach(async () => {
  received = [];
  const app = express().use(
    "/callbacks",
    createCallbacks(async (secret, body) => {
      received.push([secret, body]);
      return secret === "known";
    }),
  );
  server = createServer(app).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/callbacks`;
});
afterEach(() => server.close());

const post = (secret: string, body: string, type = "application/json") =>
  fetch(`${address}/${secret}`, { method: "POST", body, headers: { "content-type": type } });

test("hands over whatever is posted, of whatever type, and says ok", async () => {
  expect((await post("known", '{"a":1}')).status).toBe(200);
  expect((await post("known", "not json", "text/weird")).status).toBe(200);
  expect(received).toEqual([
    ["known", '{"a":1}'],
    ["known", "not json"],
  ]);
});

test("answers 404 for a secret that no call waits for, and for anything but a POST", async () => {
  expect((await post("unknown", "{}")).status).toBe(404);
  expect((await fetch(`${address}/known`)).status).toBe(404);
});

test("takes no more than 64 KB", async () => {
  expect((await post("known", "x".repeat(70_000))).status).toBe(413);
  expect(received).toEqual([]);
});
