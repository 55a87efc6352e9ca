import type { OwnKeyView } from "../../contract/tenant-keys.ts";
import type { enKeys } from "../en/keys.ts";
import { clip, number, utcTime } from "../words.ts";

const troubles = {
  key: "服务不接受它",
  money: "其账户已无余额",
  unreadable: "已无法打开：请重新提供",
};

function status({ key, isFunded }: OwnKeyView): string {
  if (!key) return isFunded ? "无：使用运营者的密钥" : "无：这里不能使用该服务";
  const by = key.addedBy === "" ? "" : `，由 ${clip(key.addedBy, 80)} 提供`;
  return `自己的，自 ${utcTime(key.addedAt)}${by}${key.trouble ? ` · ${troubles[key.trouble]}` : ""}`;
}

export const zhKeys: typeof enKeys = {
  list: (view) => ({
    title: "自己的密钥",
    tone: view.services.some(({ key }) => key?.trouble) ? "bad" : "plain",
    paragraphs: [
      view.isOn
        ? "使用自己的密钥时，这里生成的内容由你们向服务付费，密钥不用于其他地方。成员支付的点数不变，你们的限额仍然有效。"
        : "运行此机器人的人没有启用自带密钥：需要设置变量 KEYS_SECRET。",
    ],
    rows: view.services.map((service) => ({ label: service.label, value: status(service) })),
    buttons: [
      ...(view.isOn ? [{ command: "admin-keys-give", label: "提供密钥", style: "primary" } as const] : []),
      ...(view.services.some(({ key }) => key)
        ? [{ command: "admin-keys-remove", label: "移除密钥", style: "danger" } as const]
        : []),
    ],
  }),
  taken: ({ label, replaced, isTried, balance }) => ({
    title: replaced ? `${label} 的新密钥已启用` : `${label} 的密钥已启用`,
    tone: "good",
    paragraphs: [
      isTried ? "已询问服务，服务没有拒绝它。" : "现在无法询问服务：第一张图片会说明结果。",
      balance ? `其账户还有 ${number(balance.amount)} ${balance.unit}。${balance.low ? "已经不多。" : ""}` : "",
      "密钥已加密保存，不再显示：可以替换或移除。",
    ],
  }),
};
