import type { ChannelMessage, ChannelPosted } from "../../../src/contract/channel-messages.ts";
import { type Delivered, type Delivery, DeliveryDelayed } from "../../../src/contract/delivery.ts";
import type { Random } from "./random.ts";
import type { Lane } from "./scheduler.ts";

/** A message as everybody sees it: the last word on a job. */
export interface Final {
  readonly job: string;
  readonly nonce: string;
  readonly at: number;
  readonly message: string;
  images: number;
  /** The credits that it says were paid. */
  charged: number;
  state: Delivery["job"]["state"];
}

/** A question to approvers as everybody sees it. */
export interface AskedApproval {
  /** The id of the message, the same at each try. */
  readonly id: string;
  readonly at: number;
  readonly message: string;
  readonly job: string;
  readonly tenant: string;
  /** The answer that it shows. */
  decision: string | undefined;
}

export interface ChaosChannel {
  /** Every message that stands there. */
  readonly finals: Final[];
  readonly approvals: AskedApproval[];
  calm(): void;
  /** Gives a process what it posts with. */
  poster(lane: Lane): {
    deliver(delivery: Delivery): Promise<Delivered>;
    postToChannel(message: ChannelMessage): Promise<ChannelPosted>;
  };
}

const mishapChance = 0.3;
/** So long a platform knows a nonce again; afterwards only who looks finds the earlier message. */
const nonceMemoryMs = 300_000;

/** A platform with faults: no answer before or after the message stands, refusals, bugs, nowhere to post. */
export function chaosChannel(random: Random, now: () => number): ChaosChannel {
  const finals: Final[] = [];
  let calm = false;

  function write({ job, nonce, repeated, earlier }: Delivery, stale: boolean): Final {
    const content = { images: job.images.length, charged: job.charged ?? 0, state: job.state };
    const isRemembered = ({ at }: Final) => repeated || stale || at > now() - nonceMemoryMs;
    const isSame = (final: Final) => (final.nonce === nonce && isRemembered(final)) || final.message === earlier;
    const known = finals.find(isSame);
    if (known) return Object.assign(known, content);
    const made = { job: job.id, nonce, at: now(), message: `message-${finals.length + 1}`, ...content };
    finals.push(made);
    return made;
  }

  const nextMishap = () =>
    calm || random.next() >= mishapChance ? "" : random.pick(["lost", "stored", "bug", "nowhere"]);

  async function deliver(delivery: Delivery, lane: Lane): Promise<Delivered> {
    const mishap = nextMishap();
    if (mishap === "lost") throw new DeliveryDelayed("nobody answered", 1000);
    if (mishap === "bug") throw new TypeError("on purpose: a bug of the platform");
    if (mishap === "nowhere") return { route: "none" };
    const { message } = write(delivery, lane.stale);
    if (mishap === "stored") throw new DeliveryDelayed("the answer was lost", 1000);
    return { route: "channel", message, messages: [message] };
  }

  const { approvals, ask } = approvalsIn({ nextMishap, now });

  return {
    finals,
    approvals,
    calm() {
      calm = true;
    },
    poster: (lane) => ({
      deliver: (delivery) => lane.outside(() => deliver(delivery, lane)),
      postToChannel: (message) => lane.outside(() => ask(message, lane)),
    }),
  };
}

/** The messages that ask approvers, with the same faults. */
function approvalsIn({ nextMishap, now }: { nextMishap(): string; now(): number }) {
  const approvals: AskedApproval[] = [];

  async function ask({ id, tenant, content, earlier, repeated }: ChannelMessage, lane: Lane): Promise<ChannelPosted> {
    if (content.kind !== "approval") throw new Error(`nobody asked for a message of kind ${content.kind}`);
    const mishap = nextMishap();
    if (mishap === "lost") throw new DeliveryDelayed("nobody answered", 1000);
    if (mishap === "bug") throw new TypeError("on purpose: a bug of the platform");
    const { job, decision } = content.approval;
    const isRemembered = ({ at }: AskedApproval) => repeated || lane.stale || at > now() - nonceMemoryMs;
    const known = approvals.find((each) => each.message === earlier || (each.id === id && isRemembered(each)));
    const made = known ?? { id, tenant, job: job.id, at: now(), message: `approval-${approvals.length + 1}`, decision };
    if (!known) approvals.push(made);
    made.decision = decision;
    if (mishap === "stored") throw new DeliveryDelayed("the answer was lost", 1000);
    return { message: made.message };
  }

  return { approvals, ask };
}
