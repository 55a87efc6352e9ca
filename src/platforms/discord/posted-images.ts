import type { APIMessage, APIMessageTopLevelComponent } from "discord.js";
import { ComponentType } from "discord.js";
import type { GalleryImage } from "../../contract/usecases.ts";
import type { KeptFile, Outgoing } from "./rest/message.ts";

/** An image of a job that a message of the bot shows. */
export interface PostedImage {
  readonly of: GalleryImage;
  readonly filename: string;
  readonly spoiler: boolean;
}

/** The notes of a posted image that are to change. */
export interface ImageNotes {
  readonly alt: string;
  readonly spoiler: boolean;
}

/** Images under the names that the bot gives to the files of results: `job-number.extension`. */
const resultName = /^([0-9a-z]+)-(\d{1,2})\.\w+$/;

interface GalleryItem {
  readonly media: { readonly url: string; readonly attachment_id?: string | undefined };
  readonly description?: string | null | undefined;
  readonly spoiler?: boolean | undefined;
}

/** Lists the images of jobs in a message's gallery, in the order in which it shows them. */
export function postedImagesIn({ components }: Pick<APIMessage, "components">): PostedImage[] {
  return galleryItems(components ?? []).flatMap(({ media, spoiler = false }) => {
    const filename = nameIn(media.url);
    const [, job, number] = resultName.exec(filename) ?? [];
    return job && number ? [{ of: { job, index: Number(number) - 1 }, filename, spoiler }] : [];
  });
}

/** The same message with other notes on its images. Its files stay where they are: Discord knows them by their ids. */
export function withNotes(
  { components, attachments }: Pick<APIMessage, "components" | "attachments">,
  notes: (image: PostedImage) => ImageNotes | undefined,
): Outgoing {
  const shown = (components ?? []) as readonly APIMessageTopLevelComponent[];
  const noted = new Map(
    postedImagesIn({ components: [...shown] }).map((image) => [image.filename, notes(image)] as const),
  );
  const items = galleryItems(shown).map((item) => noteItem(item, noted.get(nameIn(item.media.url))));
  // Discord leaves files that components show out of the attachments, or not.
  const others = (attachments ?? []).filter(({ id }) => !items.some((item) => item.id === id));
  return {
    components: shown.map((part) => (part.type === ComponentType.MediaGallery ? galleryOf(part.items, noted) : part)),
    kept: [
      ...items.flatMap(({ id, alt, spoiler }): KeptFile[] => (id === undefined ? [] : [{ id, alt, spoiler }])),
      ...others.map(({ id, description }) => ({ id, alt: description })),
    ],
  };
}

function galleryOf(items: readonly GalleryItem[], noted: ReadonlyMap<string, ImageNotes | undefined>) {
  return {
    type: ComponentType.MediaGallery as const,
    items: items.map((item) => {
      const { name, alt, spoiler } = noteItem(item, noted.get(nameIn(item.media.url)));
      return {
        media: { url: `attachment://${name}` },
        ...(alt ? { description: alt } : {}),
        ...(spoiler ? { spoiler } : {}),
      };
    }),
  };
}

function noteItem({ media, description, spoiler = false }: GalleryItem, notes: ImageNotes | undefined) {
  const name = nameIn(media.url);
  const id = media.attachment_id ?? /\/attachments\/\d+\/(\d+)\//.exec(media.url)?.[1];
  return { name, id, alt: notes?.alt ?? description ?? undefined, spoiler: notes?.spoiler ?? spoiler };
}

/** Results have their images in a gallery of their own, in no other part. */
function galleryItems(components: readonly { readonly type: ComponentType }[]): GalleryItem[] {
  return components.flatMap((part) =>
    part.type === ComponentType.MediaGallery ? [...(part as unknown as { items: GalleryItem[] }).items] : [],
  );
}

function nameIn(url: string): string {
  return URL.parse(url)?.pathname.split("/").at(-1) ?? "";
}
