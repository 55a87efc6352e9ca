import type { enStepRefusals, enSteps } from "../en/steps.ts";
import { clip, number, utcTime } from "../words.ts";

export const zhStepRefusals: typeof enStepRefusals = {
  "steps-budget-unset": () =>
    "这个工作流不是由人启动的，没有人为图片付费。管理者可以用 /imagine-admin workflows 为此预留点数。",
  "steps-budget-spent": ({ limit, left, renewsAt }) =>
    `非人启动的工作流在这里每月可用 ${number(limit)} 点，还剩 ${number(left)} 点。将于 ${utcTime(renewsAt)} 更新。`,
  "step-too-dear": ({ total, limit }) =>
    `这最多要花 ${number(total)} 点。启动工作流的人未经询问最多花 ${number(limit)} 点；可用 /imagine-settings 更改。`,
  "step-needs-channel": () => "这个工作流不是由人启动的，没有人可以接收图片：请在步骤中指定一个频道。",
  "step-file-closed": ({ file }) => `文件 ${clip(file, 80)} 不能在此使用：它必须在公开频道中，或由启动工作流的人发送。`,
  "step-reference-unknown": ({ words }) =>
    `“${clip(words, 80)}” 不能作为起点。请写已存图片的 @名称，或 Slack 中图片的链接。`,
};

export const zhSteps: typeof enSteps = {
  nobody: "工作流",
  stepForm: {
    title: "创建图片",
    description: "生成一张图片，并把文件交给后面的步骤",
    fields: {
      prompt: { title: "提示词", description: "用您自己的话描述要画什么" },
      style: { title: "风格", description: "已存风格的名称" },
      size: { title: "尺寸", description: "图片的大小" },
      quality: { title: "质量", description: "越高越好看，也越慢，可能更贵" },
      references: { title: "起点", description: "已存图片的 @名称，或 Slack 中图片的链接" },
      channel: { title: "频道", description: "图片发布的地方；不填则发给启动工作流的人" },
      starter: { title: "启动者", description: "启动工作流的人，为图片付费" },
      file: { title: "文件", description: "图片的文件" },
      permalink: { title: "链接", description: "指向带有图片的消息" },
      price: { title: "价格", description: "扣除的点数" },
      job: { title: "任务", description: "任务的编号，出问题时引用" },
    },
  },
  cancelled: "图片已取消。",
  undeliverable: "图片已生成，但无法发布。",
  erased: "步骤结束之前，图片已被删除。",
  bug: (reference) => `这里出了问题，没有扣除点数。编号：${clip(reference, 80)}`,
  budget: (monthly) => ({
    title: "工作流",
    tone: "good",
    paragraphs: [
      monthly
        ? `非人启动的工作流在这里每月可用 ${number(monthly)} 点。`
        : "非人启动的工作流在这里不生成图片：没有为其预留点数。",
      "由人启动的工作流，图片由启动者付费。",
    ],
  }),
};
