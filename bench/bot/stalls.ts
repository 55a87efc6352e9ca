import { monitorEventLoopDelay } from "node:perf_hooks";

/**
 * Loaded into a bot by --import: on "start" it begins to look for times in which nothing else could run, on "stop" it
 * says how long the longest was. In between it costs nothing.
 */
const delay = monitorEventLoopDelay({ resolution: 1 });

process.on("message", (word) => {
  if (word === "start") {
    delay.reset();
    delay.enable();
  } else if (word === "stop") {
    setTimeout(() => {
      delay.disable();
      process.send?.({ stallMs: delay.max / 1e6 });
    }, 5); // a stall at the very end is seen by the next tick only
  }
});
process.channel?.unref();
