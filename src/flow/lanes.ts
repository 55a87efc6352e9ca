/** Work waits in one of two lanes: results go first, members' files take turns among their members. */
export interface Lanes {
  forResult<Result>(work: () => Promise<Result>): Promise<Result>;
  /** The member whose last file was begun longest ago comes next; a member's own files keep their order. */
  forMember<Result>(name: string, work: () => Promise<Result>): Promise<Result>;
}

interface LanesOptions {
  /** All that runs at the same time. */
  readonly atOnce: number;
  /** As many of these as members' files may take. */
  readonly forMembers: number;
}

/** A member with files here. */
interface Member {
  readonly waiting: (() => void)[];
  running: number;
  /** Grows with every file that is begun; 0 before a member's first. */
  lastBegun: number;
}

/** Lets results pass members' files, and one member's file pass another's many. */
export function createLanes({ atOnce, forMembers }: LanesOptions): Lanes {
  const results: (() => void)[] = [];
  const members = new Map<string, Member>();
  let running = 0;
  let begun = 0;

  function next(): void {
    while (running < atOnce) {
      const start = results.shift() ?? nextOfMembers([...members.values()], forMembers);
      if (!start) return;
      start();
    }
  }

  async function run<Result>(work: () => Promise<Result>, ended?: () => void): Promise<Result> {
    running += 1;
    try {
      return await work();
    } finally {
      running -= 1;
      ended?.();
      next();
    }
  }

  return {
    forResult(work) {
      return new Promise((resolve) => {
        results.push(() => resolve(run(work)));
        next();
      });
    },
    forMember(name, work) {
      const member = members.get(name) ?? { waiting: [], running: 0, lastBegun: 0 };
      members.set(name, member);
      const ended = () => {
        member.running -= 1;
        if (member.running === 0 && member.waiting.length === 0) members.delete(name);
      };
      return new Promise((resolve) => {
        member.waiting.push(() => {
          member.running += 1;
          member.lastBegun = ++begun;
          resolve(run(work, ended));
        });
        next();
      });
    },
  };
}

/** The next file of the member who waits longest since the last one, while members have a place. */
function nextOfMembers(members: readonly Member[], places: number): (() => void) | undefined {
  if (members.reduce((sum, member) => sum + member.running, 0) >= places) return undefined;
  const waiting = members.filter((member) => member.waiting.length > 0);
  const next = waiting.reduce<Member | undefined>((a, b) => (a && a.lastBegun <= b.lastBegun ? a : b), undefined);
  return next?.waiting.shift();
}
