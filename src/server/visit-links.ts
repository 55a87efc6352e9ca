import { createHmac, timingSafeEqual } from "node:crypto";
import type { VisitLinks } from "../contract/visits.ts";

const macBytes = 16;

/** Links to members' pages below `base`, an address that ends with a slash; signed so that nobody else can make one. */
export function createVisitLinks(secret: string, base: string): VisitLinks {
  function mac(signed: string): Buffer {
    return createHmac("sha256", secret).update(`visit link ${signed}`).digest().subarray(0, macBytes);
  }

  return {
    sign({ id, until }) {
      const signed = `${id}.${until}`;
      return new URL(`${signed}.${mac(signed).toString("base64url")}`, base).href;
    },
    read(token) {
      const [, signed = "", id = "", until, given = ""] =
        /^(([\w-]{1,64})\.(\d{1,15}))\.([\w-]{22})$/.exec(token) ?? [];
      const claimed = Buffer.from(given, "base64url");
      const isOurs = claimed.length === macBytes && timingSafeEqual(claimed, mac(signed));
      // 22 letters hold two bits more than the mac: only one way of writing it counts
      return isOurs && claimed.toString("base64url") === given ? { id, until: Number(until) } : undefined;
    },
  };
}
