import { byId, el, fill } from "./dom.js";
import { pastElement } from "./history.js";

/** Shows what a command answered: in `turn` when one is waiting for it, else where it belongs. */
export function showReply(reply, { words, chat, conversation, turn, about }) {
  switch (reply.kind) {
    case "job":
      conversation.place(reply.job, turn);
      return chat.toBottom();
    case "images":
      conversation.place(reply.job, turn);
      return chat.goTo(reply.job);
    case "history": {
      const rows = reply.jobs.map((job) => pastElement(job, (chosen) => show(chosen, { chat, conversation })));
      const { rows: _lines, ...card } = reply.card; // the list says the same, with images
      return chat.showCard(card, { extra: el("ul", { className: "past" }, ...rows) });
    }
    case "picture":
      return chat.showCard(reply.card, { turn, extra: pictureElement(reply) });
    case "data":
      return chat.showCard(reply.card, { turn, extra: savedFiles(reply, words) });
    case "removed":
      conversation.forget(about);
      byId("announcer").textContent = `${reply.card.title}. ${reply.card.paragraphs.join(" ")}`;
      return byId("prompt").focus();
    case "card":
      return chat.showCard(reply.card, { turn, about });
  }
}

function show(job, { chat, conversation }) {
  conversation.place(job);
  chat.goTo(job);
}

function pictureElement({ url: src, alt }) {
  return el("img", { className: "saved-image", src, alt });
}

/** The document is saved at once, and can be saved again; the images each by a press. */
function savedFiles({ filename, document: pieces, images }, words) {
  const url = URL.createObjectURL(new Blob(pieces, { type: "application/json" }));
  const files = [{ name: filename, url }, ...images];
  const links = files.map(({ name, url: href }) =>
    el("li", {}, el("a", { href, download: name }, fill(words.saveFile, { name }))),
  );
  links[0].firstChild.click();
  return el("ul", { className: "saved" }, ...links);
}
