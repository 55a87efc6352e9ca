import { expect, test } from "vitest";
import { isPublicAddress } from "../../../src/images/download/public-address.ts";

test.each(["8.8.8.8", "162.159.129.233", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"])(
  "%s is public",
  (address) => {
    expect(isPublicAddress(address)).toBe(true);
  },
);

test.each([
  "127.0.0.1",
  "10.1.2.3",
  "172.31.255.255",
  "192.168.1.1",
  "169.254.169.254",
  "100.64.0.1",
  "0.0.0.0",
  "192.0.2.1",
  "198.51.100.7",
  "203.0.113.9",
  "240.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "::7f00:1",
  "::ffff:192.168.0.1",
  "::ffff:0:8.8.8.8",
  "64:ff9b::10.0.0.1",
  "64:ff9b:1::8.8.8.8",
  "2002:808:808::",
  "2001::1",
  "2001:db8::1",
  "fe80::1%eth0",
  "fec0::1",
  "fd00::1",
  "ff02::1",
  "4000::1",
  "example.com",
  "",
])("%s is not", (address) => {
  expect(isPublicAddress(address)).toBe(false);
});
