import { z } from "zod";

/** The kinds of values that variables hold; each says in a few words what it must be. */

export const text = (shape: RegExp, must: string) => z.string().regex(shape, { message: must });

export const secret = text(/^\S+$/, "must not contain spaces");

export const url = z.string().refine((value) => /^https?:$/.test(URL.parse(value)?.protocol ?? ""), {
  message: "must be an http or https URL",
});

/** An address below which paths are asked for. */
export const baseAddress = url
  .refine((value) => !/[?#]/.test(value), { message: "must be an address without ? and #" })
  .refine((value) => !/\/(images|generations?|edits|completions|models|responses)\/*$/i.test(value), {
    message: "must be the address of the API, such as https://relay.example/v1, not of one of its calls",
  });

export const list = z.string().transform((value) =>
  value
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== ""),
);

export function oneOf<const Name extends string>(names: readonly Name[]) {
  return z.enum(names, { message: `must be one of ${names.join(", ")}` });
}

export function integer(min: number, max = Number.MAX_SAFE_INTEGER) {
  const range = max === Number.MAX_SAFE_INTEGER ? `from ${min} on` : `from ${min} to ${max}`;
  return z
    .string()
    .refine((value) => /^\d+$/.test(value) && Number(value) >= min && Number(value) <= max, {
      message: `must be a whole number ${range}`,
    })
    .transform(Number);
}

/** `scheme://host:port` of a URL; undefined when it is none. */
export function origin(value: string): string | undefined {
  const parsed = URL.parse(value);
  return parsed && /^https?:$/.test(parsed.protocol) ? parsed.origin : undefined;
}

/** One sentence for the report; values are never repeated in it, because they may be secrets. */
export function problem(variable: string, must: string): string {
  return `${variable} ${must}.`;
}
