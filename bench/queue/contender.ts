/** A queue on a real database, as the benchmark drives it. */
export interface Contender {
  readonly name: string;
  /** Says what one accepted job means here. */
  readonly accepting: string;
  /** One job of this member, accepted for good when it resolves. */
  accept(member: string): Promise<unknown>;
  /** Makes the queue long, by whatever way is quickest. */
  fill(members: readonly string[]): Promise<void>;
  /** Takes up to `wanted` jobs and ends each; resolves to how many there were. */
  finish(wanted: number): Promise<number>;
  /** Starts to take jobs as they come; `started` is called with the id of each. */
  work(started: (id: string) => void): Promise<void>;
  /** Accepts one job and says its id before it can have started. */
  acceptNamed(member: string, id: (id: string) => void): Promise<void>;
  /** Takes no more jobs as they come. */
  rest(): Promise<void>;
  close(): Promise<void>;
}
