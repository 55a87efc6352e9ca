import { byId, el } from "./dom.js";
import { imageActions } from "./gallery.js";
import { icon } from "./icons.js";

/** Shows one image as large as the window; arrow keys turn to the job's others, Escape closes. */
export function createLightbox({ words, press }) {
  const dialog = byId("lightbox");
  let shown;

  const turn = (by) => {
    const { job, position } = shown;
    show(job, (position + by + job.images.length) % job.images.length);
  };

  function show(job, position) {
    shown = { job, position };
    const image = job.images[position];
    const pressAndClose = (button) => {
      dialog.close();
      return press(button);
    };
    dialog.replaceChildren(
      el("img", { src: image.url, alt: image.alt, width: image.width, height: image.height }),
      control("close", () => dialog.close()),
      ...(job.images.length > 1 ? [control("previous", () => turn(-1)), control("next", () => turn(1))] : []),
      el(
        "div",
        { className: "caption" },
        el("p", {}, job.prompt),
        imageActions(image, { words, press: pressAndClose }),
      ),
    );
  }

  function control(name, act) {
    const label = words[name];
    const properties = { type: "button", className: `round ${name}`, title: label, on: { click: act } };
    return el("button", { ...properties, "aria-label": label }, icon(name));
  }

  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("keydown", ({ key }) => {
    if (key === "ArrowLeft") turn(-1);
    if (key === "ArrowRight") turn(1);
  });
  return {
    open(job, position) {
      show(job, position);
      dialog.showModal();
    },
  };
}
