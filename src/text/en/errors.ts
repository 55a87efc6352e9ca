import type { Failure } from "../../contract/usecases.ts";
import type { RefusalCode, RefusalFacts, RefusedFor } from "../../errors.ts";
import { number, utcTime } from "../words.ts";
import { enApprovals } from "./approvals.ts";
import { permissionNames } from "./permissions.ts";
import { enStepRefusals } from "./steps.ts";

const list = (items: readonly string[]) => items.join(", ");

export const enRefusals: { readonly [Code in RefusalCode]: (facts: RefusalFacts[Code]) => string } = {
  "prompt-empty": () => "The prompt is empty: say what to draw.",
  "prompt-too-long": ({ length, limit }) =>
    `The prompt has ${number(length)} characters; at most ${number(limit)} are possible.`,
  "size-unknown": ({ size }) =>
    `“${size}” is not a size. Write auto, pixels such as 2048x1152, or a ratio such as 2K 16:9.`,
  "size-unsupported": ({ size, provider, allowed, nearest }) =>
    nearest === undefined
      ? `${provider} cannot make ${size}. Possible: ${list(allowed)}.`
      : `${provider} cannot make ${size}: the nearest is ${nearest}. Sides are multiples of 16 up to 3840, at most three times as long as wide, with 655,360 to 8,294,400 pixels; usual are ${list(allowed)}.`,
  "count-out-of-range": ({ count, max }) => `${count} images are not possible: ask for 1 to ${max}.`,
  "option-unknown": ({ option, value, allowed }) => `“${value}” is not a ${option}. Possible: ${list(allowed)}.`,
  "option-unsupported": ({ option, value, provider, able = [], others = [] }) => {
    if (able.length > 0) return `${provider} cannot do ${option} ${value}. Services that can: ${list(able)}.`;
    const elsewhere = others.length > 0 ? ` ${list(others)} can: ask whoever runs this bot.` : "";
    return `${provider} cannot do ${option} ${value}.${elsewhere}`;
  },
  "transparent-in-jpeg": () => "A JPEG cannot be transparent: choose png or webp for a transparent background.",
  "compression-out-of-range": ({ compression, max }) =>
    `A compression of ${number(compression)} is not possible: from 0 to ${max}.`,
  "too-many-references": ({ count, max }) => `${count} images are too many to start from: at most ${max}.`,
  "references-unsupported": ({ provider }) => `${provider} cannot edit images.`,
  "mask-unsupported": ({ provider }) => `${provider} cannot use a mask.`,
  "mask-without-image": () => "A mask needs an image to go with it.",
  "mask-unusable": ({ why }) =>
    why === "all-opaque"
      ? "The mask is opaque everywhere: make it transparent where the image is to be redrawn."
      : "The mask has no transparency: make it transparent where the image is to be redrawn.",
  "image-unreadable": ({ filename }) => `${filename} is damaged or not an image.`,
  "image-format": ({ filename, format }) =>
    format === undefined
      ? `${filename} is not an image that can be read here. Attach a PNG, JPEG or WebP.`
      : `${filename} is a ${format} file, which cannot be used here. Save or export it as PNG, JPEG or WebP and attach that.`,
  "image-too-large": ({ filename, limitMegabytes }) =>
    `${filename} is too large: at most ${limitMegabytes} MB are possible.`,
  "image-too-many-pixels": ({ filename, limitMegapixels }) =>
    `${filename} has too many pixels: at most ${limitMegapixels} million are possible.`,
  "image-unreachable": ({ filename }) => `${filename} could not be downloaded. Attach it again.`,
  "image-unavailable": ({ filename, why }) => {
    switch (why) {
      case "deleted":
        return `${filename} has been deleted. Attach it again.`;
      case "unseen":
        return `${filename} has been deleted, or I cannot see it where it is. Attach it again in this conversation, or invite me to that one.`;
      case "hidden":
        return `${filename} is too old to be opened on this plan of Slack. Attach it again.`;
      case "external":
        return `${filename} is kept outside of Slack, where I cannot open it. Download it and attach the file itself.`;
      case "denied":
        return `${filename} is closed to me. Attach it again in this conversation.`;
      case "scope":
        return `Slack does not let me read ${filename}: the app lacks the scope files:read. Whoever runs this bot must install it again from its manifest.`;
    }
  },
  "provider-unknown": ({ provider, allowed }) => `There is no service “${provider}” here. Possible: ${list(allowed)}.`,
  "no-service": () => "No image service can do this at the moment.",
  "service-ended": ({ provider, model, date }) =>
    `${provider} cannot be used any more: its model ${model} ended on ${date}. Choose another service.`,
  "not-enough-credits": ({ needed, available, renewsAt }) =>
    `This costs up to ${number(needed)} credits and you have ${number(available)}. They renew on ${utcTime(renewsAt)}.`,
  "too-many-unpaid": ({ limit }) =>
    `${limit} of your jobs within the last 24 hours ended without being paid for, which is the limit. Look at the images in your history, which pays for them, or come back tomorrow.`,
  "batch-too-large": ({ count, limit }) =>
    limit === 1
      ? "Only one image at a time can be asked for here: an admin has set it so. Put a backslash before braces that are no choice: \\{ \\}."
      : `That would be ${count > 1000 ? "more than 1,000" : number(count)} images; at most ${number(limit)} can be asked for at once here. Take out some of what stands in braces, or ask for fewer of each.`,
  "batch-which-image": ({ numbers }) =>
    numbers.length === 0
      ? "That message has no image yet."
      : `That message shows several images. Begin with the number of the one you mean, such as “${numbers[0]}: make it blue”. Possible: ${list(numbers.map(String))}.`,
  "service-resting": ({ provider }) => `${provider} has trouble at the moment.`,
  "service-empty": ({ provider }) => `The operator's account at ${provider} is empty.`,
  "own-keys-off": () =>
    "Whoever runs this bot has not switched on keys of your own: the variable KEYS_SECRET does that.",
  "own-key-shape": ({ why }) => `That cannot be a key: ${keyShapes[why]}. Nothing was kept.`,
  "own-key-refused": ({ provider }) => `${provider} does not accept this key. It was not kept.`,
  "own-key-none": ({ provider }) => `There is no key for ${provider} here.`,
  "own-key-needed": ({ provider }) =>
    `${provider} needs a key of its own here: the admins here can give one with /admin keys.`,
  "own-key-unreadable": ({ provider }) =>
    `The key for ${provider} that the admins here gave cannot be opened any more. They must give it again, with /admin keys; nothing was made, and nobody was charged.`,
  "too-many-queued": ({ limit, wanted }) =>
    wanted !== undefined
      ? `These are ${wanted} jobs at once; at most ${limit} of yours may wait, with those that wait already. Wait for some, cancel some, or ask for fewer.`
      : `You have ${limit} jobs waiting, which is the limit. Wait for one, or cancel one.`,
  "upload-quota": ({ limitMegabytes, renewsAt }) =>
    `You have sent ${number(limitMegabytes)} MB of files within an hour, which is the limit. More is possible from ${utcTime(renewsAt)}.`,
  "storage-quota": ({ limitMegabytes, days }) =>
    days === 0
      ? `The files that you started from have ${number(limitMegabytes)} MB, which is the limit. Delete some of your jobs or saved images, or start from an image that I made.`
      : `The files that you started from have ${number(limitMegabytes)} MB, which is the limit. They are deleted ${days} days after their jobs, saved images not at all; delete some of either, or start from an image that I made.`,
  "tenant-budget-spent": ({ limit, left, renewsAt }) =>
    `The budget here is ${number(limit)} credits a month, and ${number(left)} are left. It renews on ${utcTime(renewsAt)}.`,
  ...enStepRefusals,
  "global-budget-spent": ({ left, renewsAt }) =>
    `The operator's budget for today has ${number(left)} credits left. It renews on ${utcTime(renewsAt)}.`,
  "disk-full": () => "There is no room for new images right now. The operator has been told.",
  "job-unknown": () => "That job does not exist, or not any more.",
  "job-not-yours": () => "That belongs to somebody else.",
  "job-has-no-images": () => "That job has no images.",
  "description-too-long": ({ length, limit }) =>
    `The alt text has ${number(length)} characters; at most ${number(limit)} are possible.`,
  "too-late-to-cancel": () => "Too late to cancel: it has already been sent to the image service.",
  "already-largest": () => "This is already the largest size.",
  "style-name": ({ name, limit, reserved }) =>
    `“${name}” cannot be the name of a style. A name begins with a letter or a digit, has letters, digits, - and _ without blanks, at most ${limit}, and is not “${reserved}”.`,
  "no-pages": () => "This installation has no pages for that: its operator has not set an address for them.",
  "link-unknown": () => "This link was not made here, or was changed on its way. Ask for a new one in the chat.",
  "link-used": () => "This link was used already: each works once. Ask for a new one in the chat.",
  "link-late": () => "This link is too old: each works for 15 minutes. Ask for a new one in the chat.",
  "visit-over": () => "This page is closed: it can be used for an hour. Ask for a new link in the chat.",
  "visit-not-yours": () =>
    "This page belongs to another member, or to another browser. Ask for a link of your own in the chat.",
  "style-unknown": ({ name, known }) =>
    known.length === 0
      ? `There is no style “${name}”, and none is saved here yet.`
      : `There is no style “${name}”. Possible: ${list(known)}.`,
  "style-empty": () => "A style needs something to set: words, an option, or an image.",
  "style-image-not-yours": () =>
    "Only your own images can become a style. Make one like it with Vary or Edit, and save that.",
  "too-many-styles": ({ limit }) => `There are ${limit} styles already, which is the limit. Remove one first.`,
  "reference-name": ({ name, limit }) =>
    `“${name}” cannot be the name of a saved image. A name begins with a letter or a digit, has letters, digits, - and _ without blanks, at most ${limit}, and is neither a number nor a word that calls everybody.`,
  "reference-unknown": ({ name, known }) =>
    known.length === 0
      ? `There is no saved image @${name}, and you have none here yet.`
      : `There is no saved image @${name}. Possible: ${list(known.map((one) => `@${one}`))}.`,
  "reference-misspelt": ({ name, similar }) =>
    `There is no saved image @${name}. Did you mean @${similar}? Nothing was made. If you mean the word itself, write \\@${name}.`,
  "references-full": ({ names, max }) =>
    max === 0
      ? `The image service cannot start from images, so there is no room for ${list(names.map((one) => `@${one}`))}.`
      : `There is no room for ${list(names.map((one) => `@${one}`))}: at most ${max} images to start from are possible, all together.`,
  "reference-not-yours": ({ names }) =>
    `That was made from ${list(names.map((one) => `@${one}`))}, which you cannot use here. Vary and Edit start from the image itself.`,
  "too-many-saved-images": ({ limit, shared }) =>
    shared
      ? `${limit} images are saved for everyone here already, which is the limit. Remove one first, or save in its place.`
      : `You have ${limit} saved images here already, which is the limit. Remove one first, or save in its place.`,
  "image-number-unknown": ({ number: asked, count }) =>
    count === 1 ? `There is 1 image, and no number ${asked}.` : `There are ${count} images, and no number ${asked}.`,
  "no-final": () => "This is no draft, or no service here can draw it at a higher quality.",
  "operators-only": () => "Only operators may do that.",
  "admins-only": () => "Only admins may do that.",
  paused: ({ reason }) => `The operator has paused image generation${reason === "" ? "" : `: ${reason}`}.`,
  "tenant-not-allowed": () => "The operator of this bot has not allowed images here.",
  "member-blocked": () => "You may not make images here.",
  "channel-not-allowed": ({ channels }) => `Images cannot be made in this channel. Possible: ${list(channels)}.`,
  "role-not-allowed": ({ roles }) => `Making images here needs one of these roles: ${list(roles)}.`,
  "word-blocked": ({ word }) => `“${word}” is not allowed in prompts here.`,
  "mature-only": () => "The less strict moderation is possible only in channels for adults where it is allowed.",
  "member-daily-spent": ({ limit, left, renewsAt, everywhere }) =>
    everywhere
      ? `You may spend ${number(limit)} credits a day everywhere together, and ${number(left)} are left. It renews on ${utcTime(renewsAt)}.`
      : `You may spend ${number(limit)} credits a day here, and ${number(left)} are left. It renews on ${utcTime(renewsAt)}.`,
  "amount-out-of-range": ({ amount, min, max }) =>
    `${number(amount)} is not possible: from ${number(min)} to ${number(max)}.`,
  "grant-key-taken": ({ key }) => `The key “${key}” stands for another grant.`,
  "grant-unknown": ({ key }) => `There is no grant with the key “${key}”.`,
  "member-unknown": ({ member }) => `There is no member “${member}”.`,
  "attempt-unknown": () => "That call does not exist, or is settled already.",
  "job-not-finished": () => "That job is not finished yet.",
  "job-erased": () => "What that job was made of has been deleted.",
  "confirmation-closed": () => "That question is closed: it was answered, or an hour has passed. Ask for it once more.",
  "confirmation-not-yours": () => "Only the person who asked can answer.",
  "approval-unknown": () => "There is no such question here.",
  "approval-not-yours": ({ approvers }) => `Only ${["admins", ...approvers].join(", ")} may decide this.`,
  "approval-own": () => "Somebody else must approve what you ordered yourself.",
  "approval-decided": ({ decision, by }) => decidedBefore(decision, by === undefined ? "" : ` by ${by}`),
  "approval-blocked": () => "This member may not make images any more: unblock them first, or refuse it.",
  "approval-needs-limit": () => "Say above how many credits orders need approval.",
  "channel-permissions": ({ channel, lacking }) =>
    `In ${channel} the bot lacks ${lacking.length === 1 ? "the permission" : "the permissions"} ${list(lacking.map((each) => permissionNames[each]))}. Allow it there, or name another channel; nothing was changed.`,
  "channel-closed": ({ channel, why }) => channelClosed[why](channel),
  "nowhere-to-post": () =>
    "I can post neither here nor to you directly, so nothing was made. Invite me to this channel, or write to me first.",
  "confirmation-answered": () => "You said yes to it already. While it waits, Cancel takes it back.",
  "price-risen": ({ confirmed, total }) =>
    `This costs up to ${number(total)} credits now, and you were told ${number(confirmed)}: nothing was made. Ask for it once more.`,
  "setting-unknown": ({ setting, value }) => `“${value}” is not possible for ${setting}.`,
};

function decidedBefore(decision: RefusalFacts["approval-decided"]["decision"], by: string): string {
  switch (decision) {
    case "approved":
      return `It was approved${by} already.`;
    case "refused":
      return `It was refused${by} already.`;
    case "expired":
      return "It is too late: nobody answered within a day, and the credits were given back.";
    case "withdrawn":
      return "It was taken back by the member.";
  }
}

const keyShapes: Readonly<Record<RefusalFacts["own-key-shape"]["why"], string>> = {
  empty: "nothing stands there",
  long: "it is too long",
  spaces: "it contains spaces",
  signs: "it must be the whole key, in plain letters, digits and signs: no “…”",
  quotes: "it must be the key alone, without quotation marks",
};

const channelClosed: Readonly<Record<RefusalFacts["channel-closed"]["why"], (channel: string) => string>> = {
  gone: (channel) =>
    `The bot does not see the channel ${channel}. Let it in there, or name another one; nothing was changed.`,
  forbidden: (channel) =>
    `The bot may not write in ${channel}. Allow it there, or name another channel; nothing was changed.`,
  tags: (channel) =>
    `Every post in ${channel} needs a tag, and there is none that the bot may use. Make one that is not for moderators only, or name another channel; nothing was changed.`,
  away: (channel) =>
    `It could not be tried whether the bot can write in ${channel}. Try again later; nothing was changed.`,
};

type SayFailure = (why?: RefusedFor, format?: string, by?: string) => string;

/** Why a job ended without images. Each is followed by "You were not charged." */
export const enFailures: Readonly<Record<Failure["outcome"], SayFailure>> = {
  "not-sent": (why) =>
    why === "own-gone"
      ? "The key that the admins here gave for this image service was removed, or cannot be opened any more. They can give one with /admin keys."
      : why === "gone"
        ? "That image service or model is not offered any more, and no other can draw this for the price that was quoted."
        : "The image service could not be reached.",
  refused: (why) => {
    switch (why) {
      case "key":
      case "money":
        return "The image service does not accept the operator's account at the moment. The operator has been told.";
      case "own-key":
        return "The image service does not accept the key that the admins here gave. They can give another one with /admin keys.";
      case "own-money":
        return "The image service says that there is no money left behind the key that the admins here gave. They can top it up there.";
      case "rate":
        return "The image service is overloaded at the moment. Try again in a few minutes.";
      default:
        return "The image service did not accept this request.";
    }
  },
  moderated: () => "The image service's safety system declined this. Put it in other words, or use another image.",
  failed: () => "The image service tried and failed.",
  unknown: () =>
    "The connection to the image service broke after your request was sent. We cannot tell whether it ran, and it will not be sent again by itself.",
  damaged: (_, format) =>
    format === undefined
      ? "The image service answered, but its images could not be read."
      : `The image service sent ${format}, which cannot be shown here: PNG, JPEG, WebP and GIF can.`,
  bug: () => "A fault in the bot stopped this job. The operator has been told.",
  "lost-files": () => "The images to start from are gone. Attach them again.",
  "not-approved": (_, __, by) => enApprovals.notApproved(by),
  "approval-expired": () => enApprovals.expired,
};
