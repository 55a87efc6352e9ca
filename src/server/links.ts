import { createHmac, timingSafeEqual } from "node:crypto";

const dayMs = 86_400_000;
const validDays = 7;
/** 128 bits. */
const macBytes = 16;

/** One image of a job. */
interface Linked {
  readonly job: string;
  readonly index: number;
}

/** Words that open one image each, to whoever has them, for a week. */
export interface Links {
  /** The same all day, so that a message that is posted again says the same. */
  sign(job: string, index: number): string;
  /** Undefined when it was not made here, was changed, or is too old. */
  read(token: string): Linked | undefined;
}

/** `now` in milliseconds since 1970. */
export function createLinks(secret: string, now: () => number): Links {
  function mac(signed: string): Buffer {
    return createHmac("sha256", secret).update(`image link ${signed}`).digest().subarray(0, macBytes);
  }

  return {
    sign(job, index) {
      const lastDay = Math.ceil(now() / dayMs) + validDays;
      const signed = `${job}.${index}.${lastDay}`;
      return `${signed}.${mac(signed).toString("base64url")}`;
    },
    read(token) {
      const [, signed = "", job = "", index, lastDay, given = ""] =
        /^(([\w-]{1,64})\.(\d{1,3})\.(\d{1,6}))\.([\w-]{22})$/.exec(token) ?? [];
      const claimed = Buffer.from(given, "base64url");
      if (claimed.length !== macBytes || !timingSafeEqual(claimed, mac(signed))) return undefined;
      return now() < Number(lastDay) * dayMs ? { job, index: Number(index) } : undefined;
    },
  };
}
