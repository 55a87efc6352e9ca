import type { VisitPage, VisitUseCases } from "../../src/contract/usecases.ts";
import { Refusal } from "../../src/errors.ts";

export interface FakeVisits extends VisitUseCases {
  /** The pages that links were asked for. */
  readonly offered: VisitPage[];
}

/** Links that lead nowhere. */
export function fakeVisits(): FakeVisits {
  const offered: VisitPage[] = [];
  const closed = async (): Promise<never> => {
    throw new Refusal("link-unknown", {});
  };
  return {
    offered,
    areOffered: false,
    async offer(page) {
      offered.push(page);
      return `https://atelier.test/visit/${offered.length}`;
    },
    look: closed,
    open: closed,
    find: closed,
    image: closed,
    gallery: closed,
    galleryImage: closed,
    remove: closed,
  };
}
