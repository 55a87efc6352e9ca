import { setImmediate as nextTurn } from "node:timers/promises";
import type { Driver } from "kysely";

/** While more than so many wait, so many users one after the other keep the thread from its sockets and timers: some 15 ms. */
const crowd = 16;

/**
 * Gives the one connection to one user at a time, in the order of asking; Kysely would wake all who wait to let one of them
 * in. And it lets the event loop turn between them: statements of SQLite are done when they return, so that one user
 * would follow the other without end while hundreds wait, and meanwhile no event would be read and no answer sent.
 */
export function takingTurns(driver: Driver): Driver {
  const acquire = driver.acquireConnection.bind(driver);
  const release = driver.releaseConnection.bind(driver);
  const waiting: (() => void)[] = [];
  let isTaken = false;
  let users = 0;

  async function takeTurn(): Promise<void> {
    if (isTaken) await new Promise<void>((resolve) => waiting.push(resolve));
    isTaken = true;
    if (waiting.length > crowd && users >= crowd) await nextTurn(); // which begins by forgetting the users of the last one
    if (users === 0) {
      setImmediate(() => {
        users = 0;
      });
    }
    users += 1;
  }

  driver.acquireConnection = async (options) => {
    await takeTurn();
    return acquire(options);
  };
  driver.releaseConnection = async (connection, options) => {
    await release(connection, options);
    const next = waiting.shift();
    if (next) next();
    else isTaken = false;
  };
  return driver;
}
