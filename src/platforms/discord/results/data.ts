import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { ComponentType } from "discord.js";
import type { MemberData } from "../../../contract/usecases.ts";
import type { Card } from "../../../text/card.ts";
import type { Text } from "../../../text/text.ts";
import { renderCard, textDisplay } from "../cards.ts";
import type { Outgoing, OutgoingFile } from "../rest/message.ts";
import type { Acknowledgement } from "./acknowledgement.ts";
import type { UploadLimits } from "./limits.ts";

/** Discord lets an app that only the member brought along add 5 messages. */
const mostMessages = 5;
const mostFiles = 10;

/** The document, then the images in further private messages, as many as Discord takes. */
export async function sendData(
  { card, data }: { readonly card: Card; readonly data: MemberData },
  { acknowledgement, limits, text }: { acknowledgement: Acknowledgement; limits: UploadLimits; text: Text },
): Promise<void> {
  const fitting = data.images.filter(({ bytes }) => bytes <= limits.file);
  const packs = packed(fitting, limits.request).slice(0, mostMessages);
  const leftOut = data.images.length - packs.flat().length;
  const lines = leftOut > 0 ? [text.discord.leftOut(leftOut)] : [];
  await withFile(data.document, (file) => acknowledgement.edit(withDocument(renderCard(card, { lines }), file)));
  for (const images of packs) await acknowledgement.add(asFiles(images.map(fileOf)), "caller");
}

/** Messages are sent from files. */
async function withFile<Sent>(document: readonly string[], send: (file: string) => Promise<Sent>): Promise<Sent> {
  const folder = await mkdtemp(path.join(tmpdir(), "atelier-data-"));
  try {
    const file = path.join(folder, "data.json");
    await writeFile(file, document);
    return await send(file);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function withDocument({ components }: Outgoing, file: string): Outgoing {
  const shown = asFiles([{ path: file, name: "atelier-data.json", mime: "application/json" }]);
  return { components: [...components, ...shown.components], files: shown.files ?? [] };
}

function asFiles(files: readonly OutgoingFile[]): Outgoing {
  const components = files.map(({ name }) => ({
    type: ComponentType.File as const,
    file: { url: `attachment://${name}` },
  }));
  return { components: components.length > 0 ? components : [textDisplay("")], files };
}

type KeptImage = MemberData["images"][number];

function fileOf({ name, path }: KeptImage, index: number): OutgoingFile {
  const safe = name.replace(/[^\w.-]/g, "_").slice(-80);
  const extension = /\.(\w+)$/.exec(safe)?.[1] ?? "png";
  return { path, name: `${index + 1}-${safe}`, mime: `image/${extension === "jpg" ? "jpeg" : extension}` };
}

function packed(images: readonly KeptImage[], limit: number): KeptImage[][] {
  const packs: KeptImage[][] = [];
  let bytes = 0;
  for (const image of images) {
    const open = packs.at(-1);
    bytes += image.bytes;
    if (open && open.length < mostFiles && bytes <= limit) open.push(image);
    else {
      packs.push([image]);
      bytes = image.bytes;
    }
  }
  return packs;
}
