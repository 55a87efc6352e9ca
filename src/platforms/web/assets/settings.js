import { getSettings } from "./api.js";
import { openDialog } from "./dialogs.js";
import { el } from "./dom.js";
import { formElement } from "./form-dialog.js";
import { lookControls } from "./look.js";

/** Opens the settings: how this page looks, and what images are like where nothing else is chosen. `run(form, data)` saves the latter. */
export async function openSettings({ words, form, run }) {
  const { confirmAbove, ...given } = await getSettings();
  const save = (data) => {
    dialog.close();
    data.set("reset", "yes"); // what stands at its default now must not stay as it was
    run(form, data);
  };
  const without = ["reset"];
  const options = { words, submit: save, given: { ...given, confirm: confirmAbove }, label: words.save, without };
  const dialog = openDialog(
    { title: words.settings, close: words.close },
    el("h3", {}, words.page),
    el("div", { className: "options" }, ...lookControls(words)),
    el("h3", {}, words.imageSettings),
    el("p", { className: "note" }, words.imageSettingsHint),
    formElement(form, options),
  );
}
