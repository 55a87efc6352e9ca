import { getForms, getMe } from "./api.js";
import { Conversation } from "./conversation.js";
import { byId, el } from "./dom.js";
import { icon } from "./icons.js";
import { useWords } from "./request.js";

const reloadMs = 5000;

start().catch((error) => {
  byId("trouble").hidden = false;
  setTimeout(() => location.reload(), reloadMs);
  throw error;
});

async function start() {
  const [me, forms] = await Promise.all([getMe(), getForms()]);
  useWords(me.words.request);
  const conversation = new Conversation(me, forms);
  prepareHeader(me, conversation);
  byId("examples").append(...me.words.examples.map((text) => exampleElement(text, conversation)));
  byId("earlier").addEventListener("click", () => conversation.earlier());
  byId("welcome").hidden = (await conversation.resync()) > 0;
  conversation.toBottom();
}

function prepareHeader({ credits, signedIn }, conversation) {
  byId("open-history").append(icon("history"));
  byId("open-history").addEventListener("click", () => conversation.openHistory());
  byId("open-settings").append(icon("settings"));
  byId("open-settings").addEventListener("click", () => conversation.show("settings"));
  byId("credits").textContent = credits;
  byId("credits").addEventListener("click", () => conversation.run("credits"));
  byId("sign-out").hidden = !signedIn;
}

function exampleElement(text, conversation) {
  return el("li", {}, el("button", { type: "button", on: { click: () => conversation.write(text) } }, text));
}
