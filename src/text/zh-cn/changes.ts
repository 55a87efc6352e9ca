import type { Change } from "../../request.ts";
import { number, utcTime } from "../words.ts";
import { zhReferences } from "./references.ts";
import { zhOption } from "./vocabulary.ts";

/** Words a change that was made to a request, so that a service can do it. */
export const zhChange = (c: Change): string => {
  switch (c.code) {
    case "size-snapped":
      return `该服务不提供 ${c.from} 尺寸，将使用最接近的 ${c.to}。`;
    case "option-dropped":
      if (c.option === "compression") return "将忽略压缩：它只用于 jpeg 和 webp，且需服务支持。";
      return `该服务不提供“${zhOption(c.option)}”选项，将忽略它。`;
    case "first-frame":
      return "动图只使用其第一帧。";
    case "references-named":
      return zhReferences.named(c.references);
    case "names-unknown":
      return zhReferences.unknown(c.names);
    case "budget-low":
      return (
        `${c.scope === "tenant" ? "此处本月的预算" : "运营者今天的预算"}即将用完：` +
        `${number(c.limit)} 点中已支出或预留 ${number(c.spent)} 点，将于 ${utcTime(c.renewsAt)} 更新。`
      );
  }
};
