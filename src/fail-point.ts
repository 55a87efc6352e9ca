/** The borders between what is written down and what is done, in the order of a job's life: where dying matters most. */
export const failPoints = [
  "before-accept",
  "accepted",
  "claimed",
  "before-write-ahead",
  "write-ahead",
  "image-kept",
  "answer-read",
  "answer-marked",
  "call-closed",
  "before-settle",
  "settled",
  "before-failure",
  "failed",
  "posting",
  "posted",
  "delivered",
  "step-started",
  "step-told",
  "taken-over",
  "recovered",
] as const;

export type FailPoint = (typeof failPoints)[number];

const here = /^https?:\/\/(127\.0\.0\.1|localhost|\[::1\])([:/]|$)/;

/**
 * For tests (ATELIER_FAILPOINT): a `World.checkpoint` by which this process kills itself, as by kill -9, when it reaches a
 * point, `posted`, or reaches it for the nth time, `posted:2`; or freezes, as by kill -STOP, `posted:1:freeze`. Throws an
 * Error with one sentence when there is no such point, or when an address that this process speaks to is elsewhere.
 */
export function crashAt(text: string, addresses: readonly string[]): (point: FailPoint) => void {
  const [, name, count = "1", freeze] = /^([a-z-]+)(?::([1-9]\d*))?(?::(freeze))?$/.exec(text) ?? [];
  const mortal = failPoints.find((each) => each === name);
  if (!mortal) {
    throw new Error(
      `ATELIER_FAILPOINT must be one of ${failPoints.join(", ")}; :n for the nth time, :freeze to freeze.`,
    );
  }
  const far = addresses.find((address) => !here.test(address));
  if (far !== undefined) throw new Error(`ATELIER_FAILPOINT is for tests, and never used with ${far}.`);
  let left = Number(count);
  return (point) => {
    if (point !== mortal) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, freeze ? "SIGSTOP" : "SIGKILL");
  };
}
