import type { APIAttachment, APIEmbed, APIMessage, APIMessageComponent, APIUnfurledMediaItem } from "discord.js";
import { AttachmentFlags, ComponentType } from "discord.js";
import type { IncomingImage } from "../../image.ts";

type Shown = Partial<Pick<APIMessage, "attachments" | "embeds" | "components" | "message_snapshots" | "sticker_items">>;

/** Everything of a message that somebody may take for its images. */
export interface Pictures {
  /** Files of whatever type they say they are: their content decides when they are taken. */
  readonly images: readonly IncomingImage[];
  /** Names of what is certainly none: stickers, and videos behind links. */
  readonly unusable: readonly string[];
  /** Those of `images` that say themselves that they are something else. */
  readonly unlikely: readonly IncomingImage[];
  /** One of them is hidden until somebody looks. */
  readonly spoiler: boolean;
}

interface Picture {
  readonly filename: string;
  /** Undefined for what cannot be an image. */
  readonly url: string | undefined;
  readonly spoiler: boolean;
  readonly type?: string | undefined;
}

/** Lists the images of a message in its order: files, stickers, previews of links, galleries, and the same of what it forwards. */
export function picturesOf(message: Shown): Pictures {
  const snapshots = message.message_snapshots ?? [];
  const pictures = [message, ...snapshots.map((each) => each.message as Shown)].flatMap(shownBy);
  const byUrl = new Map(pictures.map((picture) => [picture.url ?? "", picture]));
  const found = [...byUrl].filter(([url]) => url !== "");
  const images = found.map(([url, { filename }]) => ({ filename, source: { url } }));
  return {
    images,
    unlikely: images.filter((_, index) => !mayBeImage(found[index]?.[1].type)),
    unusable: pictures.flatMap(({ url, filename }) => (url ? [] : [filename])),
    spoiler: pictures.some(({ spoiler }) => spoiler),
  };
}

export function imagesOf(message: Shown): readonly IncomingImage[] {
  return picturesOf(message).images;
}

function shownBy({ attachments, sticker_items, embeds, components }: Shown): Picture[] {
  return [
    ...(attachments ?? []).map((file) => fileIn(file)),
    ...(sticker_items ?? []).map(({ name }) => ({ filename: name, url: undefined, spoiler: false })),
    ...(embeds ?? []).flatMap(embedded),
    ...(components ?? []).flatMap((part) => inComponent(part as APIMessageComponent)),
  ];
}

function fileIn(file: APIAttachment): Picture {
  const { filename, url, content_type: type } = file;
  return { filename, url, type, spoiler: isSpoiler(file) };
}

function mayBeImage(type: string | undefined): boolean {
  return !type || type.startsWith("image/") || type.startsWith("application/octet-stream");
}

/** A file that its member hid, by Discord's flag or, as older apps do, by its name. */
export function isSpoiler({ filename, flags }: Pick<APIAttachment, "filename" | "flags">): boolean {
  return ((flags ?? 0) & AttachmentFlags.IsSpoiler) !== 0 || filename.startsWith("SPOILER_");
}

/** By way of Discord, which has fetched it already: the site behind it learns nothing. */
function embedded({ image, thumbnail, video, type, title, url: page }: APIEmbed): Picture[] {
  if (type === "video" || (video && !image && !thumbnail)) {
    return [{ filename: title ?? page ?? "video", url: undefined, spoiler: false }];
  }
  const shown = image ?? thumbnail;
  const url = shown?.proxy_url ?? shown?.url;
  return url ? [{ filename: nameIn(url), url, spoiler: false }] : [];
}

interface Nested {
  readonly type: ComponentType;
  readonly components?: readonly APIMessageComponent[];
  readonly accessory?: APIMessageComponent;
  readonly items?: readonly { readonly media: APIUnfurledMediaItem; readonly spoiler?: boolean }[];
  readonly media?: APIUnfurledMediaItem;
  readonly file?: APIUnfurledMediaItem;
  readonly spoiler?: boolean;
}

function inComponent(part: APIMessageComponent): Picture[] {
  const { type, components = [], accessory, items = [], media, file, spoiler } = part as Nested;
  if (type === ComponentType.MediaGallery) return items.flatMap((item) => mediaIn(item.media, item.spoiler));
  if (type === ComponentType.Thumbnail) return mediaIn(media, spoiler);
  if (type === ComponentType.File) return mediaIn(file, spoiler);
  const inside = [...components, ...(accessory ? [accessory] : [])].flatMap(inComponent);
  return spoiler ? inside.map((picture) => ({ ...picture, spoiler })) : inside;
}

function mediaIn(media: APIUnfurledMediaItem | undefined, spoiler = false): Picture[] {
  if (!media) return [];
  const attached = URL.parse(media.url)?.pathname.includes("/attachments/");
  const url = attached ? media.url : (media.proxy_url ?? media.url);
  return [{ filename: nameIn(url), url, spoiler }];
}

function nameIn(url: string): string {
  const last = URL.parse(url)?.pathname.split("/").at(-1) ?? "";
  try {
    return decodeURIComponent(last) || "image";
  } catch {
    return last;
  }
}
