/** Letters of one script, or sorts of letters, and the Latin letters that they pass for, one for one. */
const scripts: readonly (readonly [string, string])[] = [
  ["авсԁеһіјкмнорԛѕтухԝѵӏү", "abcdehijkmhopqstyxwvly"], // Cyrillic
  ["αβεικνορτυχγϲϳ", "abeikvoptuxycj"], // Greek
  ["օսոհցզ", "ounhgq"], // Armenian
  ["ⲁⲃⲥⲉⲏⲓⲕⲙⲛⲟⲣⲧⲩⲭ", "abcehikmnoptyx"], // Coptic
  ["ꓮꓐꓚꓓꓰꓝꓖꓧꓲꓙꓗꓡꓟꓠꓳꓑꓣꓢꓔꓴꓦꓪꓫꓬꓜ", "abcdefghijklmnoprstuvwxyz"], // Lisu
  ["ꭺᏼꮯꭰꭼꮐꮋꭵꭻꮶꮮꮇꮲꭱꮪꭲꮩꮃꮓ", "abcdeghijklmprstvwz"], // Cherokee, in small letters
  ["ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz"], // small capitals
  ["ıøđħłŧƀɑɡɩɨʋɵƙɠɗɓƥʂɾɦɱŋ", "iodhltbagiivokgdbpsrhmn"], // Latin with strokes and hooks
];

/** Letters with the Latin one that each passes for; small letters. */
export const lookAlikes: ReadonlyMap<string, string> = new Map(
  scripts.flatMap(([letters, latin]) => [...letters].map((letter, at): [string, string] => [letter, latin[at] ?? ""])),
);

/** Signs and digits that stand for letters within a word. */
export const signLetters: Readonly<Record<string, string>> = {
  ...{ "0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", $: "s" },
};

/** Letters on emoji: white on black circles and squares, and the halves of flags. Unicode has no plain form of them. */
const emojiAlphabets = [0x1f150, 0x1f170, 0x1f1e6];

/** The letter on an emoji; anything else as it is. */
export function letterOnEmoji(sign: string): string {
  const code = sign.codePointAt(0) ?? 0;
  const first = emojiAlphabets.find((start) => code >= start && code < start + 26);
  return first === undefined ? sign : String.fromCharCode(0x61 + code - first);
}
