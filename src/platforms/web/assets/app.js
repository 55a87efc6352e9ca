import { getForms, getMe } from "./api.js";
import { Conversation } from "./conversation.js";
import { byId, el } from "./dom.js";

const reloadMs = 5000;

start().catch((error) => {
  byId("trouble").hidden = false;
  setTimeout(() => location.reload(), reloadMs);
  throw error;
});

async function start() {
  const [me, forms] = await Promise.all([getMe(), getForms()]);
  const conversation = new Conversation(me, forms);
  byId("credits").textContent = me.credits;
  byId("credits").addEventListener("click", () => conversation.run("credits"));
  byId("sign-out").hidden = !me.signedIn;
  byId("examples").append(...me.words.examples.map((text) => exampleElement(text, conversation)));
  byId("welcome").hidden = (await conversation.resync()) > 0;
  conversation.toBottom();
}

function exampleElement(text, conversation) {
  return el("li", {}, el("button", { type: "button", on: { click: () => conversation.write(text) } }, text));
}
