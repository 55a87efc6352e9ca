/** Somebody with a link, who sees its page as a browser does. */
export interface Visitor {
  /** The page's own HTML. */
  readonly html: string;
  get(path: string): Promise<Response>;
  post(path: string, body: FormData | string): Promise<Response>;
}

/** Presses "Continue" behind a link. Throws when the link does not lead to a page. */
export async function follow(link: string): Promise<Visitor> {
  const { origin } = new URL(link);
  const opened = await fetch(link, { method: "POST", headers: { Origin: origin }, redirect: "manual" });
  if (opened.status !== 303) throw new Error(`the link answered ${opened.status}`);
  const page = new URL(opened.headers.get("Location") ?? "", link).href;
  const [cookie = ""] = (opened.headers.get("Set-Cookie") ?? "").split(";");
  const get = (path: string) => fetch(page + path, { headers: { Cookie: cookie } });
  const html = await (await get("")).text();
  const csrf = /name="csrf" content="([^"]+)"/.exec(html)?.[1] ?? "";
  return {
    html,
    get,
    post(path, body) {
      const kind = typeof body === "string" ? { "Content-Type": "application/json" } : {};
      const headers = {
        Cookie: cookie,
        Origin: origin,
        "X-CSRF-Token": csrf,
        "Idempotency-Key": crypto.randomUUID(),
        ...kind,
      };
      return fetch(page + path, { method: "POST", headers, body });
    },
  };
}

/** The links in a message of the bot. */
export function linksIn(message: object | undefined): string[] {
  return [...JSON.stringify(message ?? {}).matchAll(/https?:\/\/[^"\\]+\/visit\/[\w.-]+/g)].map(([link]) => link);
}
