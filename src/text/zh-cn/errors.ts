import type { RefusalFacts } from "../../errors.ts";
import type { enFailures, enRefusals } from "../en/errors.ts";
import { number, utcTime } from "../words.ts";
import { zhApprovals } from "./approvals.ts";
import { permissionNames } from "./permissions.ts";
import { zhStepRefusals } from "./steps.ts";
import { zhOption } from "./vocabulary.ts";

const list = (items: readonly string[]) => items.join("、");

export const zhRefusals: typeof enRefusals = {
  "prompt-empty": () => "提示词是空的：请写下要画什么。",
  "prompt-too-long": ({ length, limit }) => `提示词有 ${number(length)} 个字符，最多 ${number(limit)} 个。`,
  "size-unknown": ({ size }) => `“${size}”不是尺寸。请写 auto、像素（如 2048x1152）或比例（如 2K 16:9）。`,
  "size-unsupported": ({ size, provider, allowed, nearest }) =>
    nearest === undefined
      ? `${provider} 无法生成 ${size}。可选：${list(allowed)}。`
      : `${provider} 无法生成 ${size}：最接近的是 ${nearest}。边长须为 16 的倍数且不超过 3840，长宽比不超过 3:1，像素数为 655,360 至 8,294,400；常用尺寸：${list(allowed)}。`,
  "count-out-of-range": ({ count, max }) => `无法生成 ${count} 张图片：请选 1 到 ${max} 张。`,
  "option-unknown": ({ option, value, allowed }) => `“${value}”不是有效的${zhOption(option)}。可选：${list(allowed)}。`,
  "option-unsupported": ({ option, value, provider, able = [], others = [] }) => {
    if (able.length > 0) return `${provider} 不支持${zhOption(option)} ${value}。支持的服务：${list(able)}。`;
    const elsewhere = others.length > 0 ? `${list(others)} 支持：请联系机器人的运营者。` : "";
    return `${provider} 不支持${zhOption(option)} ${value}。${elsewhere}`;
  },
  "transparent-in-jpeg": () => "JPEG 不能透明：透明背景请选择 png 或 webp。",
  "compression-out-of-range": ({ compression, max }) => `压缩 ${number(compression)} 不可用：请填写 0 到 ${max}。`,
  "too-many-references": ({ count, max }) => `参考图片 ${count} 张太多了：最多 ${max} 张。`,
  "references-unsupported": ({ provider }) => `${provider} 不能编辑图片。`,
  "mask-unsupported": ({ provider }) => `${provider} 不能使用蒙版。`,
  "mask-without-image": () => "蒙版需要配一张图片。",
  "mask-unusable": ({ why }) =>
    why === "all-opaque"
      ? "蒙版处处不透明：请把要重绘的地方设为透明。"
      : "蒙版没有透明区域：请把要重绘的地方设为透明。",
  "image-unreadable": ({ filename }) => `${filename} 已损坏或不是图片。`,
  "image-format": ({ filename, format }) =>
    format === undefined
      ? `${filename} 不是这里能读取的图片。请附上 PNG、JPEG 或 WebP 图片。`
      : `${filename} 是 ${format} 文件，这里无法使用。请另存或导出为 PNG、JPEG 或 WebP 后再附上。`,
  "image-too-large": ({ filename, limitMegabytes }) => `${filename} 太大：最多 ${limitMegabytes} MB。`,
  "image-too-many-pixels": ({ filename, limitMegapixels }) => `${filename} 像素太多：最多 ${limitMegapixels} 百万。`,
  "image-unreachable": ({ filename }) => `无法下载 ${filename}。请重新附上。`,
  "image-unavailable": ({ filename, why }) => {
    switch (why) {
      case "deleted":
        return `${filename} 已被删除。请重新附上。`;
      case "unseen":
        return `${filename} 已被删除，或者我看不到它所在的对话。请在这个对话中重新附上，或邀请我加入那个对话。`;
      case "hidden":
        return `${filename} 太旧，在当前的 Slack 套餐中无法打开。请重新附上。`;
      case "external":
        return `${filename} 存放在 Slack 之外，我无法打开。请下载后附上文件本身。`;
      case "denied":
        return `我无权打开 ${filename}。请在这个对话中重新附上。`;
      case "scope":
        return `Slack 不允许我读取 ${filename}：应用缺少权限 files:read。请运行此机器人的人用清单重新安装应用。`;
    }
  },
  "provider-unknown": ({ provider, allowed }) => `这里没有“${provider}”服务。可选：${list(allowed)}。`,
  "no-service": () => "目前没有图像服务能做到。",
  "service-ended": ({ provider, model, date }) =>
    `${provider} 已无法使用：它的模型 ${model} 已于 ${date} 停止服务。请选择其他服务。`,
  "not-enough-credits": ({ needed, available, renewsAt }) =>
    `这最多需要 ${number(needed)} 点，您有 ${number(available)} 点。将于 ${utcTime(renewsAt)} 补充。`,
  "too-many-unpaid": ({ limit }) =>
    `过去 24 小时内您有 ${limit} 个任务未付费就结束了，已达上限。请在历史记录中查看这些图片（查看即付费），或明天再来。`,
  "batch-too-large": ({ count, limit }) =>
    limit === 1
      ? "管理者规定此处每次只能要一张图。如果花括号不是选项，请在前面加反斜杠：\\{ \\}。"
      : `这将是${count > 1000 ? "超过 1,000" : ` ${number(count)}`} 张图；此处一次最多 ${number(limit)} 张。请减少花括号里的选项，或减少每个的张数。`,
  "batch-which-image": ({ numbers }) =>
    numbers.length === 0
      ? "那条消息里还没有图片。"
      : `那条消息里有多张图片。请以所指图片的编号开头，例如“${numbers[0]}：改成蓝色”。可选：${numbers.join("、")}。`,
  "service-resting": ({ provider }) => `${provider} 目前出现问题。`,
  "service-empty": ({ provider }) => `运营者在 ${provider} 的账户已无余额。`,
  "own-keys-off": () => "运行此机器人的人没有启用自带密钥：需要设置变量 KEYS_SECRET。",
  "own-key-shape": ({ why }) => `这不可能是密钥：${keyShapes[why]}。没有保存任何内容。`,
  "own-key-refused": ({ provider }) => `${provider} 不接受此密钥，因此没有保存。`,
  "own-key-none": ({ provider }) => `这里没有 ${provider} 的密钥。`,
  "own-key-needed": ({ provider }) => `在这里使用 ${provider} 需要自己的密钥：这里的管理员可以用 /admin keys 提供。`,
  "own-key-unreadable": ({ provider }) =>
    `这里的管理员为 ${provider} 提供的密钥已无法打开，需要用 /admin keys 重新提供。没有生成任何内容，也没有扣费。`,
  "too-many-queued": ({ limit, wanted }) =>
    wanted !== undefined
      ? `这一次是 ${wanted} 个任务；连同已在等待的，您最多可有 ${limit} 个任务等待。请等待、取消一些，或减少数量。`
      : `您已有 ${limit} 个任务在等待，达到上限。请等一个完成，或取消一个。`,
  "upload-quota": ({ limitMegabytes, renewsAt }) =>
    `您在一小时内已发送 ${number(limitMegabytes)} MB 的文件，已达上限。${utcTime(renewsAt)} 起可以继续发送。`,
  "storage-quota": ({ limitMegabytes, days }) =>
    days === 0
      ? `您用作起点的文件共有 ${number(limitMegabytes)} MB，已达上限。请删除一些任务或已存图片，或从我生成的图片开始。`
      : `您用作起点的文件共有 ${number(limitMegabytes)} MB，已达上限。它们在任务结束 ${days} 天后删除，已存图片则一直保留；请删除一些任务或已存图片，或从我生成的图片开始。`,
  "tenant-budget-spent": ({ limit, left, renewsAt }) =>
    `这里每月的预算是 ${number(limit)} 点，还剩 ${number(left)} 点。将于 ${utcTime(renewsAt)} 更新。`,
  ...zhStepRefusals,
  "global-budget-spent": ({ left, renewsAt }) =>
    `运营者今天的预算还剩 ${number(left)} 点。将于 ${utcTime(renewsAt)} 更新。`,
  "disk-full": () => "目前没有空间存放新图片。已通知运营者。",
  "job-unknown": () => "该任务不存在，或已不存在。",
  "job-not-yours": () => "那属于别人。",
  "job-has-no-images": () => "该任务没有图片。",
  "description-too-long": ({ length, limit }) => `替代文本有 ${number(length)} 个字符，最多 ${number(limit)} 个。`,
  "too-late-to-cancel": () => "来不及取消：已发送给图像服务。",
  "already-largest": () => "这已经是最大的尺寸。",
  "style-name": ({ name, limit, reserved }) =>
    `“${name}”不能作为风格的名称。名称以字母或数字开头，只含字母、数字、- 和 _，没有空格，最多 ${limit} 个字符，且不能是“${reserved}”。`,
  "no-pages": () => "这里没有可用的页面：运营者没有为它们设置地址。",
  "link-unknown": () => "此链接不是这里生成的，或者在途中被改动了。请在聊天中重新获取一个。",
  "link-used": () => "此链接已经用过：每个链接只能用一次。请在聊天中重新获取一个。",
  "link-late": () => "此链接已过期：每个链接有效 15 分钟。请在聊天中重新获取一个。",
  "visit-over": () => "此页面已关闭：它只能使用一小时。请在聊天中重新获取一个链接。",
  "visit-not-yours": () => "此页面属于另一位成员，或另一个浏览器。请在聊天中获取您自己的链接。",
  "style-unknown": ({ name, known }) =>
    known.length === 0 ? `没有风格“${name}”，这里还没有保存任何风格。` : `没有风格“${name}”。可用：${list(known)}。`,
  "style-empty": () => "风格至少要设定一项：文字、选项或图片。",
  "style-image-not-yours": () => "只有您自己的图片能存为风格。请用“变体”或“编辑”生成一张，再保存它。",
  "too-many-styles": ({ limit }) => `已有 ${limit} 个风格，达到上限。请先移除一个。`,
  "reference-name": ({ name, limit }) =>
    `“${name}”不能用作已存图片的名称。名称以字母或数字开头，可含字母、数字、- 和 _，不含空格，最多 ${limit} 个字符，不能只是数字，也不能是呼叫所有人的词。`,
  "reference-unknown": ({ name, known }) =>
    known.length === 0
      ? `没有已存图片 @${name}，您在这里还没有保存过图片。`
      : `没有已存图片 @${name}。可用：${list(known.map((one) => `@${one}`))}。`,
  "reference-misspelt": ({ name, similar }) =>
    `没有已存图片 @${name}。您是指 @${similar} 吗？尚未生成任何图片。若就是要这个词本身，请写 \\@${name}。`,
  "references-full": ({ names, max }) =>
    max === 0
      ? `该图片服务不能以图片为起点，放不下 ${list(names.map((one) => `@${one}`))}。`
      : `放不下 ${list(names.map((one) => `@${one}`))}：参考图合计最多 ${max} 张。`,
  "reference-not-yours": ({ names }) =>
    `该图片以 ${list(names.map((one) => `@${one}`))} 为起点，您在这里不能使用它。“变体”和“编辑”以图片本身为起点。`,
  "too-many-saved-images": ({ limit, shared }) =>
    shared
      ? `这里已为所有人保存 ${limit} 张图片，达到上限。请先移除一张，或以已有名称保存。`
      : `您在这里已保存 ${limit} 张图片，达到上限。请先移除一张，或以已有名称保存。`,
  "image-number-unknown": ({ number: asked, count }) => `共有 ${count} 张图片，没有第 ${asked} 张。`,
  "no-final": () => "这不是草图，或者这里没有服务能以更高的质量生成它。",
  "operators-only": () => "只有运营者可以这样做。",
  "admins-only": () => "只有管理此处的人可以这样做。",
  paused: ({ reason }) => `运营者已暂停图片生成${reason === "" ? "" : `：${reason}`}。`,
  "tenant-not-allowed": () => "本机器人的运营者未允许在此处生成图片。",
  "member-blocked": () => "您不能在这里生成图片。",
  "channel-not-allowed": ({ channels }) => `不能在此频道生成图片。可用频道：${list(channels)}。`,
  "role-not-allowed": ({ roles }) => `在这里生成图片需要以下身份之一：${list(roles)}。`,
  "word-blocked": ({ word }) => `这里的提示词不允许使用“${word}”。`,
  "mature-only": () => "只有在允许的成人频道中才能放宽审核。",
  "member-daily-spent": ({ limit, left, renewsAt, everywhere }) =>
    `您每天在${everywhere ? "所有地方一共" : "这里"}最多可用 ${number(limit)} 点，还剩 ${number(left)} 点。将于 ${utcTime(renewsAt)} 更新。`,
  "amount-out-of-range": ({ amount, min, max }) =>
    `不能是 ${number(amount)}：请在 ${number(min)} 到 ${number(max)} 之间。`,
  "grant-key-taken": ({ key }) => `“${key}”已用于另一笔赠送。`,
  "grant-unknown": ({ key }) => `没有编号为“${key}”的赠送。`,
  "member-unknown": ({ member }) => `没有成员“${member}”。`,
  "attempt-unknown": () => "该调用不存在，或已处理。",
  "job-not-finished": () => "该任务尚未完成。",
  "job-erased": () => "该任务的内容已被删除。",
  "confirmation-closed": () => "这个问题已关闭：已经回答过，或者已超过一小时。请重新提出请求。",
  "confirmation-not-yours": () => "只有提出请求的人可以回答。",
  "approval-unknown": () => "这里没有这个问题。",
  "approval-not-yours": ({ approvers }) => `只有${["管理者", ...approvers].join("、")}可以决定。`,
  "approval-own": () => "您自己的请求必须由别人批准。",
  "approval-decided": ({ decision, by }) => decidedBefore[decision](by === undefined ? "" : `由 ${by} `),
  "approval-blocked": () => "此成员已不能生成图片：请先解除禁止，或拒绝该请求。",
  "approval-needs-limit": () => "请说明超过多少点需要批准。",
  "channel-permissions": ({ channel, lacking }) =>
    `机器人在 ${channel} 缺少权限：${list(lacking.map((each) => permissionNames[each]))}。请在那里授权，或指定别的频道；没有任何更改。`,
  "channel-closed": ({ channel, why }) => channelClosed[why](channel),
  "nowhere-to-post": () => "我既不能在这里发布，也不能私信给您，所以没有生成。请邀请我加入此频道，或先给我发消息。",
  "confirmation-answered": () => "您已经同意了。在排队期间可以按“取消”收回。",
  "price-risen": ({ confirmed, total }) =>
    `现在最多需要 ${number(total)} 点，而告诉您的是 ${number(confirmed)} 点：没有生成任何图片。请重新提出请求。`,
  "setting-unknown": ({ setting, value }) => `${setting} 不能设为“${value}”。`,
};

const decidedBefore: Readonly<Record<RefusalFacts["approval-decided"]["decision"], (by: string) => string>> = {
  approved: (by) => `已${by}批准。`,
  refused: (by) => `已${by}拒绝。`,
  expired: () => "太晚了：一天之内没有人答复，点数已退回。",
  withdrawn: () => "成员已收回该请求。",
};

const keyShapes: Readonly<Record<RefusalFacts["own-key-shape"]["why"], string>> = {
  empty: "没有填写内容",
  long: "太长",
  spaces: "含有空格",
  signs: "必须是完整的密钥，只含普通字母、数字和符号，不能有“…”",
  quotes: "必须只有密钥本身，不带引号",
};

const channelClosed: Readonly<Record<RefusalFacts["channel-closed"]["why"], (channel: string) => string>> = {
  gone: (channel) => `机器人看不到频道 ${channel}。请让它加入，或指定另一个频道；没有任何改动。`,
  forbidden: (channel) => `机器人不能在 ${channel} 发言。请允许它，或指定另一个频道；没有任何改动。`,
  tags: (channel) =>
    `${channel} 的每个帖子都需要标签，而没有机器人可用的标签。请创建一个不限版主使用的标签，或指定别的频道；没有任何更改。`,
  away: (channel) => `无法确认机器人能否在 ${channel} 发言。请稍后再试；没有任何改动。`,
};

export const zhFailures: typeof enFailures = {
  "not-sent": (why) =>
    why === "own-gone"
      ? "这里的管理员为该图像服务提供的密钥已被移除或无法打开。他们可以用 /admin keys 提供密钥。"
      : why === "gone"
        ? "该图像服务或模型已不再提供，其他服务也无法按报价绘制。"
        : "无法连接到图像服务。",
  refused: (why) => {
    switch (why) {
      case "key":
      case "money":
        return "图像服务目前不接受运营者的账户。已通知运营者。";
      case "own-key":
        return "图像服务不接受这里的管理员提供的密钥。他们可以用 /admin keys 提供另一个。";
      case "own-money":
        return "图像服务表示，这里的管理员提供的密钥所属账户已无余额。他们可以在那里充值。";
      case "rate":
        return "图像服务目前过载。请几分钟后再试。";
      default:
        return "图像服务没有接受此请求。";
    }
  },
  moderated: () => "图像服务的安全系统拒绝了此请求。请换一种说法，或换一张图片。",
  failed: () => "图像服务尝试了，但失败了。",
  unknown: () => "请求发出后，与图像服务的连接中断了。我们无法得知它是否执行过，也不会自动重发。",
  damaged: (_, format) =>
    format === undefined
      ? "图像服务作了答复，但图片无法读取。"
      : `图像服务发来的是 ${format}，这里无法显示：可以显示 PNG、JPEG、WebP 和 GIF。`,
  bug: () => "机器人的故障中止了此任务。已通知运营者。",
  "lost-files": () => "原始图片已不在。请重新附上。",
  "not-approved": (_, __, by) => zhApprovals.notApproved(by),
  "approval-expired": () => zhApprovals.expired,
};
