import { byId, el, fill } from "./dom.js";
import { icon } from "./icons.js";

const accepted = ["image/png", "image/jpeg", "image/webp"];
const thumbPixels = 144;

/** Images that go with the next message: chosen, dropped or pasted. */
export class Attachments {
  #page;
  #entries = [];
  #max = 0;

  /** `words`, `limits`, and `onChange()`. */
  constructor(page) {
    this.#page = page;
    const input = byId("file-input");
    byId("attach").append(icon("attach"));
    byId("attach").addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      this.#add([...input.files]);
      input.value = ""; // so that the same file can be chosen again
    });
    document.addEventListener("paste", (event) => {
      if (event.clipboardData.files.length === 0) return;
      event.preventDefault();
      this.#add([...event.clipboardData.files]);
    });
    acceptDrops((files) => this.#add(files));
  }

  /** At most `count` files; 0 when the form takes none. */
  allow(count) {
    this.#max = count;
    byId("attach").hidden = count === 0;
    this.#show(this.#entries);
  }

  files() {
    return this.#entries.map(({ file }) => file);
  }

  /** Hands over files and thumbnails to the message that is sent, and starts anew. */
  take() {
    const taken = this.#entries;
    this.#show([]);
    return taken;
  }

  giveBack(taken) {
    this.#show(taken);
  }

  async #add(files) {
    const good = files.filter((file) => this.#accepts(file));
    const entries = await Promise.all(good.map(async (file) => ({ file, thumb: await thumbOf(file) })));
    this.#show([...this.#entries, ...entries]);
    const wrong = files.find((file) => !good.includes(file));
    if (wrong) byId("complaint").textContent = this.#whyNot(wrong);
  }

  #accepts({ type, size }) {
    return accepted.includes(type) && size <= this.#page.limits.fileBytes;
  }

  #whyNot({ name, type }) {
    const { words, limits } = this.#page;
    if (!accepted.includes(type)) return fill(words.notAnImage, { name });
    return fill(words.fileTooLarge, { name, megabytes: limits.fileBytes / 1_000_000 });
  }

  #show(entries) {
    this.#entries = entries.slice(0, this.#max);
    byId("complaint").textContent = "";
    const { words } = this.#page;
    byId("files").setAttribute("aria-label", words.attach);
    byId("files").hidden = this.#entries.length === 0;
    byId("files").replaceChildren(...this.#entries.map((entry) => this.#chip(entry)));
    this.#page.onChange();
  }

  #chip(entry) {
    const label = fill(this.#page.words.remove, { name: entry.file.name });
    const click = () => {
      this.#show(this.#entries.filter((other) => other !== entry));
      byId("prompt").focus();
    };
    const remove = { type: "button", className: "round small", title: label, "aria-label": label, on: { click } };
    return el("li", { title: entry.file.name }, entry.thumb, el("button", remove, icon("close")));
  }
}

/** Drawn on a canvas: the page's policy allows no blob: images. A file that cannot be read gets an empty one. */
async function thumbOf(file) {
  const canvas = el("canvas", { width: thumbPixels, height: thumbPixels, role: "img", "aria-label": file.name });
  const image = await createImageBitmap(file).catch(() => undefined);
  if (!image) return canvas;
  const scale = thumbPixels / Math.min(image.width, image.height);
  const [width, height] = [image.width * scale, image.height * scale];
  canvas.getContext("2d").drawImage(image, (thumbPixels - width) / 2, (thumbPixels - height) / 2, width, height);
  image.close();
  return canvas;
}

function acceptDrops(add) {
  const veil = byId("drop");
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
  document.addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    veil.hidden = false;
  });
  document.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) veil.hidden = true;
  });
  document.addEventListener("drop", (event) => {
    veil.hidden = true;
    if (!carriesFiles(event)) return;
    event.preventDefault();
    add([...event.dataTransfer.files]);
  });
}
