/** Values that must never be printed, and that only come to be known while the process runs. */
export interface LearntSecrets {
  readonly values: readonly string[];
  add(secret: string): void;
}

/** The latest of so many are known: each line of the log is searched for all of them. */
const most = 500;

export function createLearntSecrets(): LearntSecrets {
  let values: readonly string[] = [];
  return {
    get values() {
      return values;
    },
    add(secret) {
      if (!values.includes(secret)) values = [...values.slice(1 - most), secret];
    },
  };
}
