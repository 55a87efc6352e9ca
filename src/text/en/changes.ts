import type { Change } from "../../request.ts";
import { number, utcTime } from "../words.ts";
import { enReferences } from "./references.ts";

/** Words a change that was made to a request, so that a service can do it. */
export const enChange = (c: Change): string => {
  switch (c.code) {
    case "size-snapped":
      return `Size ${c.from} is not offered there; the nearest, ${c.to}, will be used.`;
    case "option-dropped":
      if (c.option === "compression")
        return "Compression will be left out: it is for jpeg and webp, where a service has it.";
      return `The option “${c.option}” is not offered there and will be left out.`;
    case "first-frame":
      return "Of the animation, its first frame is used.";
    case "references-named":
      return enReferences.named(c.references);
    case "names-unknown":
      return enReferences.unknown(c.names);
    case "budget-low":
      return (
        `${c.scope === "tenant" ? "The budget here for the month" : "The operator's budget for today"} is running low: ` +
        `${number(c.spent)} of ${number(c.limit)} credits are spent or reserved. It renews on ${utcTime(c.renewsAt)}.`
      );
  }
};
