import { type Language, languageOf } from "./text.ts";
import { visitsZhCN } from "./zh-cn/visits.ts";

/** The words of the pages that members come to by links. `{name}` is filled in by the page. */
const en = {
  page: {
    title: "Atelier",
    once: "This link works once. The page that it opens can be used for an hour.",
    closedTitle: "This page is closed",
    credits: "Credits",
    loading: "Loading…",
  },
  continueAs: "Continue as {name}",
  offers: {
    paint: "Paint over an image",
    "paint-file": "Paint over an image",
    gallery: "Your images",
  },
  paint: {
    heading: "Paint over an image",
    foundImage: "The image from the chat",
    mode: "What to do",
    mask: "Mark what to change",
    draw: "Draw on it",
    expand: "Make room around it",
    maskHint: "Paint over what is to be redrawn; the rest stays as it is.",
    drawHint: "Draw what you mean. A copy with your lines goes along with the image.",
    expandHint: "The empty room around the image is drawn anew.",
    maskMissing: "This service takes no mask: a copy with your marks goes along with the image.",
    layer: "The image, to paint on. Arrow keys move the pen, with Shift further; Space puts it down and lifts it.",
    penDown: "Pen down, {x} % across, {y} % down",
    penUp: "Pen up, {x} % across, {y} % down",
    nothingMarked: "Nothing is painted yet.",
    marked: "{percent} % of the image is painted.",
    tool: "Tool",
    brush: "Brush",
    eraser: "Eraser",
    brushSize: "Brush size",
    colour: "Colour",
    colours: {
      "#e5301c": "Red",
      "#1c62e5": "Blue",
      "#1f9d46": "Green",
      "#f2c40f": "Yellow",
      "#000000": "Black",
      "#ffffff": "White",
    },
    undo: "Undo",
    clear: "Clear",
    area: "Area, in percent",
    left: "Left",
    right: "Right",
    top: "Top",
    bottom: "Bottom",
    width: "Width",
    height: "Height",
    addArea: "Paint this area",
    wholeImage: "Paint the whole image",
    zoomOut: "Zoom out",
    wider: "Wider",
    taller: "Taller",
    room: "Room, in percent of the image",
    newSize: "With room it measures {width} × {height} pixels.",
    expandedImage: "The image with room around it, {width} × {height} pixels",
    prompt: "What to change",
    promptHint: "Say what to change…",
    expandPrompt: "Continue the scene beyond the edges of the image.",
    service: "Service",
    quality: "Quality",
    unset: "default",
    price: "Working out the price…",
    send: "Send",
    sending: "Sending…",
    sent: "Sent. The result comes to the chat from which you came.",
    sendYes: "Send it",
    notNow: "Not now",
  },
  gallery: {
    heading: "Your images",
    here: "All that you made here. Only you see this page.",
    search: "Search your prompts",
    nothing: "There are no images yet.",
    nothingFound: "Nothing is found.",
    found: "Images shown: {count}",
    more: "Older images",
    paint: "Paint",
    copy: "Copy the prompt",
    copied: "The prompt is copied.",
    notCopied: "The browser does not let this page copy: the prompt is selected, copy it yourself.",
    download: "Download",
    remove: "Delete",
    removeTitle: "Delete this?",
    removeHint:
      "The prompt and every image that was made of it at once are deleted for good, here and in the chat. What was paid stays paid.",
    removed: "It is deleted.",
    keep: "Keep",
  },
  request: {
    offline: "The server cannot be reached. Nothing is lost: try again.",
    tooLarge: "A proxy on the way did not take {megabytes} MB at once (413).",
    noAnswer: "A proxy answered {status}: the bot cannot be reached, or it did not wait long enough. Try again.",
    otherAnswer: "Something on the way answered {status}. Try again.",
  },
};

/** Typed after English. */
export type VisitText = typeof en;

const languages: Readonly<Record<Language, VisitText>> = { en, "zh-CN": visitsZhCN };

/** The words of these pages in the nearest language to a BCP 47 locale. */
export function visitTextFor(locale: string): VisitText {
  return languages[languageOf(locale)];
}
