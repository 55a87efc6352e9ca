import type { Proxies } from "../flow/proxies.ts";
import { problem } from "./values.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The names that programs have in common; those in small letters count first, as for curl. */
const names = { https: ["https_proxy", "HTTPS_PROXY"], http: ["http_proxy", "HTTP_PROXY"] } as const;
const forAll = ["all_proxy", "ALL_PROXY"];

/** Reads HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY; undefined where none is set. Values are never repeated. */
export function proxiesOf(env: Environment): { proxies: Proxies | undefined; problems: string[] } {
  const problems: string[] = [];
  const read = (variables: readonly string[]) => {
    const name = [...variables, ...forAll].find((each) => env[each]);
    if (name === undefined) return undefined;
    const value = env[name] as string;
    const url = URL.parse(/^[a-z][\w+.-]*:\/\//i.test(value) ? value : `http://${value}`);
    if (url && /^https?:$/.test(url.protocol)) return url.href;
    problems.push(problem(name, "must be the address of an http proxy, such as http://proxy.example:3128"));
    return undefined;
  };
  const [https, http] = [read(names.https), read(names.http)];
  const except = (env.no_proxy ?? env.NO_PROXY ?? "").split(/[,\s]+/).filter((entry) => entry !== "");
  return { proxies: https || http ? { https, http, except } : undefined, problems: [...new Set(problems)] };
}
