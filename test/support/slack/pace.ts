/** The part of the fake that the pace needs. */
interface Watched {
  violation(sentence: string): void;
}

/** How many calls a minute Slack takes of a method, and of new messages by channel. */
const perMinute: Readonly<Record<string, number>> = {
  "chat.postMessage": 60,
  "chat.update": 50,
  "chat.delete": 50,
  "conversations.join": 50,
  "usergroups.list": 20,
};
const usual = 100;
const onItsWayMs = 250;

/** Slack's rate limits: a bucket for each method in a workspace, and nobody calls while they were told to wait. */
export class SlackPace {
  /** Milliseconds; of the bot's own world where its time is not the real one. */
  now: () => number = Date.now;
  /** Only then are calls counted: tests that do not wait would soon be refused. */
  counting = false;
  readonly #buckets = new Map<string, { left: number; at: number }>();
  readonly #waits = new Map<string, { until: number; toldAt: number }>();
  readonly #slack: Watched;

  constructor(slack: Watched) {
    this.#slack = slack;
  }

  /** Seconds to wait; undefined when the call may go on. */
  refuse(team: string, method: string, channel: string): number | undefined {
    const key = this.#keyOf(team, method, channel);
    const wait = this.#waits.get(key);
    if (wait && this.now() < wait.until) {
      const underway = Date.now() - wait.toldAt < onItsWayMs; // sent before the answer to another one was there
      if (!underway) this.#slack.violation(`${method} is called although Slack asked to wait`);
      return (wait.until - this.now()) / 1000;
    }
    if (!this.counting || this.#take(key, method)) return undefined;
    return this.wait(team, method, channel, 1);
  }

  /** From now on, whoever calls it before these seconds have passed breaks a rule. */
  wait(team: string, method: string, channel: string, seconds: number): number {
    const until = this.now() + seconds * 1000;
    this.#waits.set(this.#keyOf(team, method, channel), { until, toldAt: Date.now() });
    return seconds;
  }

  #keyOf(team: string, method: string, channel: string): string {
    return method === "chat.postMessage" ? `${team}:${method}:${channel}` : `${team}:${method}`;
  }

  /** A minute's calls may come at once, of new messages five; then they come back one by one. */
  #take(key: string, method: string): boolean {
    const rate = perMinute[method] ?? usual;
    const size = method === "chat.postMessage" ? 5 : rate;
    const bucket = this.#buckets.get(key) ?? { left: size, at: this.now() };
    const left = Math.min(size, bucket.left + ((this.now() - bucket.at) / 60_000) * rate);
    this.#buckets.set(key, { left: left >= 1 ? left - 1 : left, at: this.now() });
    return left >= 1;
  }
}
