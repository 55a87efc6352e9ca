interface OfTenant {
  readonly tenant: string;
}

type Claim<Piece> = (some: number, except: readonly string[]) => Promise<readonly Piece[]>;

/** The parts of some slots that tenants may have at the same time. */
export interface Shares {
  /** Claims up to `wanted`, a few at a time, so that none of a tenant is claimed beyond its share. */
  fill<Piece extends OfTenant>(wanted: number, claim: Claim<Piece>): Promise<readonly Piece[]>;
  giveBack(piece: OfTenant): void;
}

export function createShares(share: number): Shares {
  const underWay = new Map<string, number>();
  const add = ({ tenant }: OfTenant, difference: 1 | -1) => {
    const count = (underWay.get(tenant) ?? 0) + difference;
    if (count > 0) underWay.set(tenant, count);
    else underWay.delete(tenant);
  };
  return {
    async fill<Piece extends OfTenant>(wanted: number, claim: Claim<Piece>) {
      const all: Piece[] = [];
      while (all.length < wanted) {
        const counts = [...underWay];
        const full = counts.filter(([, count]) => count >= share).map(([tenant]) => tenant);
        const most = Math.max(0, ...counts.map(([, count]) => count).filter((count) => count < share));
        // Whoever they are of, it is not too much; what was claimed before a fault is not forgotten.
        const some: readonly Piece[] = await claim(Math.min(wanted - all.length, share - most), full).catch(
          (error: unknown) => {
            if (all.length === 0) throw error;
            return [];
          },
        );
        for (const piece of some) add(piece, 1);
        all.push(...some);
        if (some.length === 0) break;
      }
      return all;
    },
    giveBack: (piece) => add(piece, -1),
  };
}
