/** Throws the same numbers in every run. */
export interface Dice {
  /** At least 0, below 1. */
  next(): number;
  one<Item>(items: readonly Item[]): Item;
}

export function dice(seed: number): Dice {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return { next, one: <Item>(items: readonly Item[]): Item => items[Math.floor(next() * items.length)] as Item };
}
