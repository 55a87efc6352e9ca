/** True when a press of its button is not enough: something longer must be written first. */
export function needsWords(form) {
  return form.fields.some((field) => isWords(field));
}

/** True when a press of its button leaves something open that must be said. */
export function asksMore(form) {
  return form.fields.some(({ kind, required }) => required && kind !== "job");
}

/** The words of a form, its images, and whatever else it asks. */
export function partsOf({ fields }) {
  const text = fields.find(isWords);
  const images = fields.find((field) => field.kind === "images");
  const others = fields.filter((field) => field !== text && field !== images && field.kind !== "job");
  return { text, images, others };
}

/** The names of the saved images that a prompt may hold, and what these are called together. */
export function savedNames(forms) {
  const form = forms.find(({ fields }) => fields.some(({ saved }) => saved));
  return { title: form?.group ?? "", names: form?.fields.find(({ saved }) => saved).choices ?? [] };
}

/** Finds the field that a mask goes into. */
export function imageFieldOf({ fields }) {
  return fields.find((field) => field.kind === "image");
}

/** The command that a message begins with, as `/admin grant 5` does, and the rest of it; undefined when there is none. */
export function typedCommand(message, forms) {
  if (!message.startsWith("/")) return undefined;
  const called = ({ title, entry }) => entry === "typed" && `${message} `.startsWith(`/${title} `);
  const [form] = forms.filter(called).sort((a, b) => b.title.length - a.title.length);
  return form && { form, rest: message.slice(form.title.length + 2).trimStart() };
}

function isWords(field) {
  return field.kind === "text" && field.required && field.multiline;
}
