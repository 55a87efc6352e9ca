import type { Credits, Payer } from "../request.ts";
import type { Trx } from "../store/connection.ts";
import type { World } from "../world.ts";
import { accountsOf, type Transfer, transfer } from "./ledger.ts";

/** One paid call that has come to its end. */
export interface Spent {
  readonly attempt: string;
  readonly job: string;
  readonly provider: string;
  /** By the service's own word, or else by its price list; without markup. Of 0, nothing is booked. */
  readonly amount: Credits;
  /** Whoever the service charges; absent: the operator. */
  readonly payer?: Payer | undefined;
}

/** Books the charge of a service for a call, or the one that it is taken to have made; once for each call. */
export async function bookSpend(trx: Trx, world: World, call: Spent): Promise<void> {
  const { attempt, job, provider, amount } = call;
  const { funds, ...accounts } = accountsOf(call.payer);
  const credit = accounts.provider(provider);
  await book(trx, world, { debit: funds, credit, amount, kind: "spend", job, idem: `spend:${attempt}` });
}

/** Books a call that may have been charged: it counts as spent until the operator says what it was. Once for each call. */
export async function bookUnknown(trx: Trx, world: World, call: Spent): Promise<void> {
  const { attempt, job, provider, amount } = call;
  const { funds, unknownAt } = accountsOf(call.payer);
  const credit = unknownAt(provider);
  await book(trx, world, { debit: funds, credit, amount, kind: "unknown", job, idem: `unknown:${attempt}` });
}

/** Settles what `bookUnknown` booked, once the operator knows whether it was charged. The first word about a call counts. */
export async function settleUnknown(trx: Trx, world: World, call: Spent & { readonly billed: boolean }): Promise<void> {
  const { attempt, job, provider, amount, billed } = call;
  const { funds, unknownAt, ...accounts } = accountsOf(call.payer);
  const [kind, credit] = billed ? (["billed", accounts.provider(provider)] as const) : (["not-billed", funds] as const);
  await book(trx, world, { debit: unknownAt(provider), credit, amount, kind, job, idem: `settled:${attempt}` });
}

/** Books what is paid for images that nobody could be asked to pay for. Once for each job. */
export async function bookGoodwill(
  trx: Trx,
  world: World,
  { job, amount, payer }: { readonly job: string; readonly amount: Credits; readonly payer?: Payer | undefined },
): Promise<void> {
  const { goodwill, revenue } = accountsOf(payer);
  await book(trx, world, { debit: goodwill, credit: revenue, amount, kind: "goodwill", job, idem: `goodwill:${job}` });
}

async function book(trx: Trx, world: World, entry: Omit<Transfer, "at">): Promise<void> {
  if (entry.amount === 0) return;
  await transfer(trx, world.id(), { ...entry, at: world.now() });
}
