const paths = {
  send: "M12 19V5M5 12l7-7 7 7",
  close: "M18 6 6 18M6 6l12 12",
  attach:
    "M21 11v8a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2h8M21 16l-4-4a2 2 0 0 0-3 0l-9 9M18 2v6M15 5h6M10 8.5a1.5 1.5 0 1 1-3 0 1.5 1.5 0 0 1 3 0Z",
  options: "M21 5h-8M9 5H3M21 12h-3M14 12H3M21 19h-9M8 19H3M13 3v4M14 10v4M12 17v4",
  edit: "M17 3a2.83 2.83 0 1 1 4 4L7.5 20.5 2 22l1.5-5.5ZM15 5l4 4",
  vary: "M2 18h2a5 5 0 0 0 4-2l5-8a5 5 0 0 1 4-2h5M18 2l4 4-4 4M2 6h2a5 5 0 0 1 4 2M22 18h-5a5 5 0 0 1-4-2M18 14l4 4-4 4",
  upscale: "M15 3h6v6M9 21H3v-6M21 3l-7 7M3 21l7-7",
  final: "M12 3l2.5 6.2 6.5.5-5 4.2 1.6 6.4L12 16.9l-5.6 3.4L8 13.9 3 9.7l6.5-.5Z",
  "style-save": "M19 21l-7-5-7 5V5a2 2 0 0 1 2-2h10a2 2 0 0 1 2 2Z",
  "reference-save": "M5 3h14v14H5ZM5 14l4-4 4 4 2-2 4 4M8 21h8M12 17v4",
  again: "M21 12a9 9 0 1 1-9-9c2.5 0 4.9 1 6.7 2.7L21 8M21 3v5h-5",
  download: "M21 15v4a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-4M7 10l5 5 5-5M12 15V3",
  previous: "m15 18-6-6 6-6",
  next: "m9 18 6-6-6-6",
  slash: "M16 4 8 20M3 3h18v18H3z",
  history: "M3 12a9 9 0 1 0 3-6.7L3 8M3 3v5h5M12 7v5l3 2",
  settings:
    "M12.22 2h-.44a2 2 0 0 0-2 2v.18a2 2 0 0 1-1 1.73l-.43.25a2 2 0 0 1-2 0l-.15-.08a2 2 0 0 0-2.73.73l-.22.38a2 2 0 0 0 .73 2.73l.15.1a2 2 0 0 1 1 1.72v.51a2 2 0 0 1-1 1.74l-.15.09a2 2 0 0 0-.73 2.73l.22.38a2 2 0 0 0 2.73.73l.15-.08a2 2 0 0 1 2 0l.43.25a2 2 0 0 1 1 1.73V20a2 2 0 0 0 2 2h.44a2 2 0 0 0 2-2v-.18a2 2 0 0 1 1-1.73l.43-.25a2 2 0 0 1 2 0l.15.08a2 2 0 0 0 2.73-.73l.22-.39a2 2 0 0 0-.73-2.73l-.15-.08a2 2 0 0 1-1-1.74v-.5a2 2 0 0 1 1-1.74l.15-.09a2 2 0 0 0 .73-2.73l-.22-.38a2 2 0 0 0-2.73-.73l-.15.08a2 2 0 0 1-2 0l-.43-.25a2 2 0 0 1-1-1.73V4a2 2 0 0 0-2-2zM15 12a3 3 0 1 1-6 0 3 3 0 0 1 6 0Z",
  brush: "M9.5 14.5 20 4M14 6l4 4M9 14a4 4 0 0 0-4 4c0 1.5-1 2-2 2 1 1 2.5 1 4 1a4 4 0 0 0 4-4 3 3 0 0 0-2-3Z",
  remove: "M3 6h18M8 6V4h8v2M6 6l1 15h10l1-15M10 11v6M14 11v6",
  cancel: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M9 9h6v6H9z",
  reply: "M9 17l-5-5 5-5M20 18v-2a4 4 0 0 0-4-4H4",
};

const namespace = "http://www.w3.org/2000/svg";

/** A line drawing for a button; undefined when there is none of that name. */
export function icon(name) {
  const d = paths[name.replace(/-now$/, "")];
  if (!d) return undefined;
  const svg = document.createElementNS(namespace, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("icon");
  const path = document.createElementNS(namespace, "path");
  path.setAttribute("d", d);
  svg.append(path);
  return svg;
}
