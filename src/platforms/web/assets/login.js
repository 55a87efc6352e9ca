import { byId } from "./dom.js";
import { lookControls } from "./look.js";

const { language, appearance, system, light, dark } = byId("looks").dataset;
byId("looks").append(...lookControls({ language, appearance, system, light, dark }));
