import type { Credits } from "../../request.ts";
import type { enSlackAgent } from "../en/slack-agent.ts";
import { number } from "../words.ts";

const credits = (amount: Credits) => `${number(amount)} 点`;

export const zhSlackAgent: typeof enSlackAgent = {
  description:
    "根据您的文字画图，也可以修改您附上的或它画好的图片。消息列中的每条消息都会修改其中最后一张图片。花费超出您同意的数额之前，会先告知价格。",
  promptsTitle: "可以这样开始",
  prompts: [
    { title: "海报", message: "湖边夏日音乐会的海报，扁平图形，暖色，2:3" },
    { title: "产品照片", message: "木桌上的陶瓷杯，柔和的晨光，照片，16:9" },
    { title: "图标", message: "一个友好的机器人应用图标，形状简单，纯色背景" },
    { title: "怎么使用？", message: "help" },
  ],
  beingDrawn: "图片还在绘制。请等它完成后再写，或按“停止”或“取消”。",
  stopped: ({ cancelled, sent, made }) => ({
    title: sent.jobs + made.jobs === 0 ? "已停止" : cancelled.jobs === 0 ? "来不及停止" : "已部分停止",
    tone: sent.jobs + made.jobs === 0 ? "good" : "bad",
    paragraphs: [
      ...(cancelled.jobs > 0 ? [`尚未发送给任何服务：您无需付费，${credits(cancelled.credits)}已退回。`] : []),
      ...(sent.jobs > 0 ? [`已发送给服务的无法停止：图片仍会送达，最多花费 ${credits(sent.credits)}。`] : []),
      ...(made.jobs > 0 ? [`已经画好的马上发布，最多花费 ${credits(made.credits)}。`] : []),
    ],
  }),
};
