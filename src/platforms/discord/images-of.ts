import type { APIEmbed, APIMessage, APIMessageComponent, APIUnfurledMediaItem } from "discord.js";
import { ComponentType } from "discord.js";
import type { IncomingImage } from "../../image.ts";

type Shown = Partial<Pick<APIMessage, "attachments" | "embeds" | "components" | "message_snapshots">>;

/** What the largest service takes. */
const most = 16;
const imageName = /\.(png|jpe?g|webp|gif)$/i;

/** Every image that a message shows, in its order: files, previews of links, galleries, and what was forwarded. */
export function imagesOf(message: Shown): IncomingImage[] {
  const urls = [message, ...(message.message_snapshots ?? []).map((each) => each.message as Shown)].flatMap(shownBy);
  return [...new Set(urls)].slice(0, most).map((url) => ({ filename: nameIn(url), source: { url } }));
}

function shownBy({ attachments = [], embeds = [], components = [] }: Shown): string[] {
  const files = attachments.filter(({ content_type, filename }) => isImage(content_type, filename));
  return [
    ...files.map(({ url }) => url),
    ...embeds.flatMap(embedded),
    ...components.flatMap((part) => inComponent(part as APIMessageComponent)),
  ];
}

/** By way of Discord, which has fetched it already: the site behind it learns nothing. */
function embedded({ image, thumbnail, type }: APIEmbed): string[] {
  const shown = image ?? (type === "image" || type === "article" || type === "rich" ? thumbnail : undefined);
  const url = shown?.proxy_url ?? shown?.url;
  return url ? [url] : [];
}

interface Nested {
  readonly type: ComponentType;
  readonly components?: readonly APIMessageComponent[];
  readonly accessory?: APIMessageComponent;
  readonly items?: readonly { readonly media: APIUnfurledMediaItem }[];
  readonly media?: APIUnfurledMediaItem;
  readonly file?: APIUnfurledMediaItem;
}

function inComponent(part: APIMessageComponent): string[] {
  const { type, components = [], accessory, items = [], media, file } = part as Nested;
  if (type === ComponentType.MediaGallery) return items.flatMap((item) => mediaUrl(item.media));
  if (type === ComponentType.Thumbnail) return mediaUrl(media);
  if (type === ComponentType.File) return mediaUrl(file).filter((url) => imageName.test(nameIn(url)));
  return [...components, ...(accessory ? [accessory] : [])].flatMap(inComponent);
}

function mediaUrl(media: APIUnfurledMediaItem | undefined): string[] {
  if (!media || media.content_type?.startsWith("video/")) return [];
  const attached = URL.parse(media.url)?.pathname.includes("/attachments/");
  return [attached ? media.url : (media.proxy_url ?? media.url)];
}

function isImage(mime: string | undefined, name: string): boolean {
  return mime ? mime.startsWith("image/") : imageName.test(name);
}

function nameIn(url: string): string {
  const last = URL.parse(url)?.pathname.split("/").at(-1) ?? "";
  try {
    return decodeURIComponent(last) || "image";
  } catch {
    return last;
  }
}
