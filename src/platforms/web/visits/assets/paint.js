import { byId } from "../../assets/dom.js";
import { pixelsOf } from "../../assets/easel.js";
import { Failed, useWords } from "../../assets/request.js";
import { getMe } from "./api.js";
import { createComposer } from "./composer.js";
import { createStudio } from "./studio.js";

start().catch((error) => {
  byId("loading").hidden = true;
  byId("trouble").textContent = error instanceof Failed ? error.sentence : String(error);
});

async function start() {
  const me = await getMe();
  useWords(me.words.request);
  const image = await pixelsOf({ url: "image" });
  byId("credits").textContent = me.credits;
  let composer; // hears of changes as soon as it is there
  const studio = createStudio({ me, image, changed: () => composer?.changed() });
  composer = createComposer({ me, order: studio.order, facts: studio.facts });
  studio.onMode((mode) => composer.suggest(mode));
  byId("studio").append(studio.node, composer.node);
  byId("loading").hidden = true;
  byId("studio").hidden = false;
}
