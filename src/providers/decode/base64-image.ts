import { giveBack, takeBuffer } from "../../flow/buffers.ts";
import type { ImageSink } from "../../image.ts";

const maxImageBytes = 64 * 1024 * 1024;
const stepCharacters = 256 * 1024; // longer temporary strings outgrow the processor's cache and slow down tenfold

/** The image is not valid base64, or too large; the rest of the answer may still be good. */
export class UnusableImage extends Error {
  override readonly name = "UnusableImage";
}

/** Decodes base64 text that arrives in pieces into a sink; holds at most 1 MB. Strict: a wrong character is never skipped. */
export class Base64Image {
  private readonly sink: ImageSink;
  private readonly buffer = takeBuffer();
  private filled = 0;
  private bytes = 0;
  /** Up to 3 characters that wait for their group of four. */
  private carry = "";
  private padded = false;
  private closed = false;

  constructor(sink: ImageSink) {
    this.sink = sink;
  }

  /** Throws UnusableImage; whatever the sink throws passes. */
  async write(text: string): Promise<void> {
    let from = 0;
    if (this.carry !== "") {
      from = Math.min(4 - this.carry.length, text.length);
      this.carry += text.slice(0, from);
      if (this.carry.length < 4) return;
      await this.decode(this.carry);
    }
    // A slice is no copy: joining each piece with what was carried over would copy all of the image once more.
    const whole = text.length - ((text.length - from) % 4);
    for (; from < whole; from += stepCharacters) {
      await this.decode(text.slice(from, Math.min(from + stepCharacters, whole)));
    }
    this.carry = text.slice(whole);
  }

  /** The text is complete: all of it goes to the sink. Throws UnusableImage. */
  async end(): Promise<void> {
    await this.decode(this.carry);
    await this.flush();
    if (this.bytes === 0) throw new UnusableImage("the image is empty");
  }

  async commit(): Promise<void> {
    await this.sink.commit();
    this.release();
  }

  async discard(): Promise<void> {
    if (this.closed) return;
    this.release();
    await this.sink.discard();
  }

  private async decode(text: string): Promise<void> {
    if (text === "") return;
    if (this.filled + text.length > this.buffer.length) await this.flush();
    const written = this.buffer.write(text, this.filled, "base64");
    if (this.padded || written !== decodedLength(text)) throw new UnusableImage("the image is not valid base64");
    this.padded = text.endsWith("=");
    this.filled += written;
    this.bytes += written;
    if (this.bytes > maxImageBytes) throw new UnusableImage("the image is larger than 64 MB");
  }

  private async flush(): Promise<void> {
    if (this.filled === 0) return;
    await this.sink.write(this.buffer.subarray(0, this.filled));
    this.filled = 0;
  }

  private release(): void {
    this.closed = true;
    giveBack(this.buffer);
  }
}

/** Bytes in valid base64 of this length, -1 when none has it. The decoder skips what is not valid and so returns less. */
function decodedLength(text: string): number {
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const over = text.length % 4;
  if (padding > 0 ? over !== 0 : over === 1) return -1;
  return Math.floor(((text.length - padding) * 3) / 4);
}
