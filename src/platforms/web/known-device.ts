import { createHmac, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import type { Request, Response } from "express";
import type { World } from "../../world.ts";
import { readCookie } from "./cookies.ts";
import { type Addresses, isHttps } from "./guard.ts";

const cookieName = "atelier-device";
const validMs = 180 * 24 * 60 * 60 * 1000;
const keyBytes = 32;

/**
 * Knows the browsers that gave the password before, by a signed cookie that opens nothing: they keep their own tries while
 * strangers are held up. A new password makes every browser a stranger.
 */
export interface KnownDevices {
  /** Undefined for a stranger. */
  read(req: Request): Promise<string | undefined>;
  remember(req: Request, res: Response): Promise<void>;
}

interface DeviceOptions {
  readonly password: string;
  readonly addresses: Addresses;
  readonly world: World;
}

export function createKnownDevices({ password, addresses, world }: DeviceOptions): KnownDevices {
  let made: Promise<Buffer> | undefined;
  const sign = async (text: string) => {
    // slow on purpose: the cookie must not help to guess the password
    made ??= promisify<string, string, number, Buffer>(scrypt)(password, "atelier device", keyBytes);
    return createHmac("sha256", await made)
      .update(text)
      .digest();
  };
  return {
    async read(req) {
      const [, signed, id, until, mac = ""] =
        /^((d[\w-]{8,60})\.(\d{1,15}))\.([\w-]{43})$/.exec(readCookie(req, cookieName) ?? "") ?? [];
      if (signed === undefined || Number(until) < world.now()) return undefined;
      return timingSafeEqual(Buffer.from(mac, "base64url"), await sign(signed)) ? id : undefined;
    },
    async remember(req, res) {
      const signed = `d${world.secret(16)}.${world.now() + validMs}`;
      const mac = (await sign(signed)).toString("base64url");
      const secure = isHttps(req, addresses);
      const options = { httpOnly: true, sameSite: "strict", secure, path: "/login", maxAge: validMs } as const;
      res.cookie(cookieName, `${signed}.${mac}`, options);
    },
  };
}
