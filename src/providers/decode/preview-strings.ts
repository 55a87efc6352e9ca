import type { PreviewSink } from "../../image.ts";
import { ImageStrings } from "./image-strings.ts";

/** Takes the bytes of a preview as they arrive. Nobody paid for it: whatever goes wrong with it is not told, and costs nothing but itself. */
export class PreviewStrings {
  private readonly strings: ImageStrings;
  private sink: PreviewSink | undefined;
  private failed = false;

  constructor(open: () => Promise<PreviewSink>) {
    this.strings = new ImageStrings(async () => {
      this.sink = await open();
      return this.sink;
    });
  }

  async take(key: "b64_json" | "url", piece: string, last: boolean): Promise<void> {
    if (!this.failed) await this.harmless(() => this.strings.take(key, piece, last));
  }

  /** Where the preview is; undefined when it did not come whole. */
  async commit(): Promise<string | undefined> {
    let whole = false;
    if (!this.failed) {
      await this.harmless(async () => {
        whole = await this.strings.commit();
      });
    }
    return whole ? this.sink?.path : undefined;
  }

  async discard(): Promise<void> {
    await this.harmless(() => this.strings.discard());
  }

  private async harmless(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch {
      this.failed = true;
    }
  }
}
