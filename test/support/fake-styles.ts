import type { NewStyle, Style, StyleDefault, StyleUseCases } from "../../src/contract/usecases.ts";
import { Refusal } from "../../src/errors.ts";

export interface FakeStyles extends StyleUseCases {
  /** Everything that was to be saved. */
  readonly saves: NewStyle[];
  /** The styles that everybody may draw in. */
  readonly known: Map<string, Style>;
}

/** Styles in memory, the same for everybody. */
export function fakeStyles(): FakeStyles {
  const known = new Map<string, Style>();
  const saves: NewStyle[] = [];
  let defaults: StyleDefault[] = [];
  const find = (name: string) => {
    const style = known.get(name.toLowerCase());
    if (!style) throw new Refusal("style-unknown", { name, known: [...known.values()].map((one) => one.name) });
    return style;
  };
  return {
    saves,
    known,
    list: async () => [...known.values()],
    names: async () => [...known.values()].map(({ name }) => name),
    defaults: async () => defaults,
    show: async ({ name }) => find(name),
    async save({ images = [], of, shared = false, ...style }) {
      saves.push({ images, of, shared, ...style });
      const saved = { ...style, shared, references: images.length + (of ? 1 : 0) };
      known.set(style.name.toLowerCase(), saved);
      return saved;
    },
    async remove({ name }) {
      const style = find(name);
      known.delete(name.toLowerCase());
      return style;
    },
    async setDefault({ name, channel }) {
      defaults = [...defaults.filter((one) => one.channel !== channel), { name, channel }];
    },
  };
}
