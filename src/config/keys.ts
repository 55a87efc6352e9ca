import { list } from "./values.ts";

const shortest = 32;

/** Secrets under which keys of tenants are sealed: the first one seals, all of them open. */
export const keySecrets = list.refine(
  (secrets) => secrets.every((secret) => secret.length >= shortest && !/\s/.test(secret)),
  {
    message: `must be a secret of at least ${shortest} characters without spaces, or a list of such, the newest first`,
  },
);

/** Gives the secrets, the newest first; undefined while tenants cannot bring keys. */
export function keySecretsOf(secrets: readonly string[] | undefined): readonly [string, ...string[]] | undefined {
  const [first, ...earlier] = secrets ?? [];
  return first === undefined ? undefined : [first, ...earlier];
}
