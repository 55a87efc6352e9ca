import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

const algorithm = "aes-256-gcm";
const nonceBytes = 12;
const tagBytes = 16;

/** The row that a key is sealed for: moved to another one, it does not open. */
export interface SealedFor {
  readonly id: string;
  readonly tenant: string;
  readonly service: string;
}

/** Seals the keys of tenants for the database. */
export interface KeySeal {
  seal(key: string, place: SealedFor): string;
  /** Undefined when it was sealed under another secret, for another row, or changed. */
  open(sealed: string, place: SealedFor): string | undefined;
}

/**
 * Makes a seal under secrets of the environment: the first one seals, each of them opens, so that a new one can be put
 * before the old one.
 */
export function createKeySeal(secrets: readonly [string, ...string[]]): KeySeal {
  const [current, ...earlier] = secrets.map(derivedKey);
  if (!current) throw new Error("a seal needs a secret");
  return {
    seal(key, place) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv(algorithm, current, nonce).setAAD(boundTo(place));
      const body = Buffer.concat([cipher.update(key, "utf8"), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString("base64url");
    },
    open(sealed, place) {
      for (const secret of [current, ...earlier]) {
        const key = openedBy(secret, Buffer.from(sealed, "base64url"), place);
        if (key !== undefined) return key;
      }
      return undefined;
    },
  };
}

function openedBy(secret: Buffer, bytes: Buffer, place: SealedFor): string | undefined {
  if (bytes.length < nonceBytes + tagBytes) return undefined;
  const decipher = createDecipheriv(algorithm, secret, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes });
  decipher.setAAD(boundTo(place)).setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]).toString("utf8");
  } catch {
    return undefined;
  }
}

const derivedKey = (secret: string) => Buffer.from(hkdfSync("sha256", secret, "atelier", "keys of tenants", 32));

const boundTo = ({ id, tenant, service }: SealedFor) => Buffer.from(JSON.stringify([id, tenant, service]));
