import type { PostgresBeside } from "../support/postgres-beside.ts";
import { openTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";

/** The software around the bot that can go away. */
export type Side = "discord" | "service" | "storage" | "database";

/**
 * Its line is cut: `gone` refuses every connection, `silent` takes them and says nothing. A database server can also be
 * `frozen` by SIGSTOP, or `killed`.
 */
export type Absence = "gone" | "silent" | "frozen" | "killed";

/** A time for which one of them was away. */
export interface Outage {
  readonly side: Side;
  readonly from: number;
  /** Undefined while it lasts. */
  to: number | undefined;
  /** A process was started meanwhile. */
  startedAt: number | undefined;
}

export interface FarSides {
  /** Addresses of the far sides as the bot has them, over lines that can be cut. */
  through(side: Side, url: string): string;
  /** Resolves with what brings it back. */
  takeAway(side: Side, how: Absence): Promise<() => Promise<void>>;
  /** All that there ever were. */
  readonly outages: readonly Outage[];
  close(): Promise<void>;
}

/** `addresses`: of the servers behind each side; `server`: of the database, if it may be frozen and killed. */
export async function openFarSides(
  addresses: Readonly<Partial<Record<Side, readonly string[]>>>,
  server: Pick<PostgresBeside, "order"> | undefined,
): Promise<FarSides> {
  const opened = Object.entries(addresses).map(async ([side, urls]) => {
    return [side as Side, await Promise.all(urls.map(openLine))] as const;
  });
  const lines = new Map(await Promise.all(opened));
  const of = (side: Side) => lines.get(side) ?? [];
  const outages: Outage[] = [];
  return {
    outages,
    through(side, url) {
      const line = of(side).find(({ origin }) => origin === new URL(url).host);
      if (!line) throw new Error(`there is no line to ${url}`);
      return line.through(url);
    },
    async takeAway(side, how) {
      const outage: Outage = { side, from: Date.now(), to: undefined, startedAt: undefined };
      outages.push(outage);
      await leave(of(side), server, how);
      return async () => {
        await comeBack(of(side), server, how);
        outage.to = Date.now();
      };
    },
    async close() {
      await Promise.all([...lines.values()].flat().map((line) => line.close()));
    },
  };
}

type Line = TcpProxy & { readonly origin: string };

async function openLine(url: string): Promise<Line> {
  return { ...(await openTcpProxy(url)), origin: new URL(url).host };
}

async function leave(
  lines: readonly Line[],
  server: Pick<PostgresBeside, "order"> | undefined,
  how: Absence,
): Promise<void> {
  if (how === "frozen") await server?.order("freeze");
  else if (how === "killed") await server?.order("kill");
  else await Promise.all(lines.map((line) => (how === "gone" ? line.cut() : line.silence())));
}

async function comeBack(
  lines: readonly Line[],
  server: Pick<PostgresBeside, "order"> | undefined,
  how: Absence,
): Promise<void> {
  if (how === "frozen") await server?.order("thaw");
  else if (how === "killed") await server?.order("start");
  else await Promise.all(lines.map((line) => line.mend()));
}
