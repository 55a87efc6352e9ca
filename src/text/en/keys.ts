import type { KeyTaken, OwnKeysView, OwnKeyView } from "../../contract/tenant-keys.ts";
import type { Card, CardButton } from "../card.ts";
import { clip, number, utcTime } from "../words.ts";

const troubles = {
  key: "the service does not accept it",
  money: "there is no money left behind it",
  unreadable: "it cannot be opened any more: give it again",
};

function status({ key, isFunded }: OwnKeyView): string {
  if (!key) return isFunded ? "none: the operator's is used" : "none: the service cannot be used here";
  const by = key.addedBy === "" ? "" : ` by ${clip(key.addedBy, 80)}`;
  const trouble = key.trouble ? ` · ${troubles[key.trouble]}` : "";
  return `your own, since ${utcTime(key.addedAt)}${by}${trouble}`;
}

const buttons = ({ isOn, services }: OwnKeysView): CardButton[] => [
  ...(isOn ? [{ command: "admin-keys-give", label: "Give a key", style: "primary" } as const] : []),
  ...(services.some(({ key }) => key)
    ? [{ command: "admin-keys-remove", label: "Remove a key", style: "danger" } as const]
    : []),
];

/** Cards about keys that those who manage a tenant bring for services. */
export const enKeys = {
  list: (view: OwnKeysView): Card => ({
    title: "Keys of your own",
    tone: view.services.some(({ key }) => key?.trouble) ? "bad" : "plain",
    paragraphs: [
      view.isOn
        ? "With a key of your own, the service is paid by you for what is made here, and for nothing else. Members pay the same credits, and your limits hold."
        : "Whoever runs this bot has not switched on keys of your own: the variable KEYS_SECRET does that.",
    ],
    rows: view.services.map((service) => ({ label: service.label, value: status(service) })),
    buttons: buttons(view),
  }),
  taken: ({ label, replaced, isTried, balance }: KeyTaken): Card => ({
    title: replaced ? `The new key for ${label} is in use` : `The key for ${label} is in use`,
    tone: "good",
    paragraphs: [
      isTried
        ? "The service was asked, and did not refuse it."
        : "The service could not be asked now: the first image will tell.",
      balance
        ? `There are ${number(balance.amount)} ${balance.unit} left behind it.${balance.low ? " That is little." : ""}`
        : "",
      "It is sealed, and never shown again: you can replace or remove it.",
    ],
  }),
};
