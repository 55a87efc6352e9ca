import { cruise, type ICruiseResult, type IForbiddenRuleType } from "dependency-cruiser";

/** The domain's words, which every room may use. */
const words = ["src/(errors|image|request|world)\\.ts$"];
const ownFolder = (room: string) => `^${room}/`;

/** Which rooms a room may look into, besides its own folder and the words. Arrows go one way. */
const rooms: Readonly<Record<string, readonly string[]>> = {
  commands: ["src/command/", "src/text/text\\.ts$", "src/usecases/usecases\\.ts$"],
  "src/command": ["src/text/(text|card)\\.ts$", "src/usecases/usecases\\.ts$"],
  "src/text": ["src/usecases/usecases\\.ts$"],
  "src/platforms/discord": [
    "src/platforms/platform\\.ts$",
    "src/command/",
    "src/text/",
    "src/usecases/(usecases|observer)\\.ts$",
  ],
  "src/platforms/slack": [
    "src/platforms/platform\\.ts$",
    "src/command/",
    "src/text/",
    "src/usecases/(usecases|observer)\\.ts$",
  ],
  "src/platforms/web": [
    "src/platforms/platform\\.ts$",
    "src/command/",
    "src/text/",
    "src/usecases/(usecases|observer)\\.ts$",
  ],
  "src/usecases": [
    "src/(credits|jobs|images|store|text)/",
    "src/providers/(provider|router|breakers)\\.ts$",
    "src/platforms/platform\\.ts$",
  ],
  "src/credits": ["src/store/"],
  "src/jobs": ["src/store/"],
  "src/images": ["src/store/"],
  "src/providers": ["src/store/"],
  "src/cli": ["src/(images|jobs|store|text)/", "src/usecases/usecases\\.ts$", "src/platforms/platform\\.ts$"],
  "src/server": ["src/usecases/observer\\.ts$"],
  "src/store": [],
};

/** Which package may be used where, and nowhere else. */
const packages: Readonly<Record<string, string>> = {
  "discord.js": "^src/platforms/discord/",
  "@slack/(bolt|web-api)": "^src/platforms/slack/",
  undici: "^src/(providers/http|images/download|platforms/discord/upload)\\.ts$",
  "(pg|kysely)": "^src/(store|credits|jobs)/",
  sharp: "^src/(images/|providers/sandbox)",
  "@aws-sdk/client-s3": "^src/images/s3-store\\.ts$",
  commander: "^src/cli/command-line\\.ts$",
  keyv: "^src/store/cache\\.ts$",
  pino: "^src/log\\.ts$",
  "prom-client": "^src/server/",
  express: "^src/(server|platforms)/",
  zod: "^src/(config(-values|-providers)?\\.ts$|platforms/)",
};

function rules(): IForbiddenRuleType[] {
  const arrows = Object.entries(rooms).map(([room, doors]) => ({
    name: `${room} looks only into its own folder, the words, and ${doors.length} doors`,
    severity: "error" as const,
    from: { path: ownFolder(room) },
    to: { path: "^(src|commands)/", pathNot: [ownFolder(room), ...words, ...doors.map((door) => `^${door}`)] },
  }));
  const borders = Object.entries(packages).map(([name, place]) => ({
    name: `${name} only in ${place}`,
    severity: "error" as const,
    from: { path: "^(src|commands)/", pathNot: place },
    to: { path: `^node_modules/${name}/` },
  }));
  return [
    ...arrows,
    ...borders,
    {
      name: "node:sqlite only in src/store",
      severity: "error",
      from: { path: "^(src|commands)/", pathNot: "^src/store/" },
      to: { path: "^(node:)?sqlite$" },
    },
    { name: "no adapter of one service uses that of another", severity: "error", ...betweenServices },
    {
      name: "no circles",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "nothing that cannot be found",
      severity: "error",
      from: { pathNot: "/assets/" }, // the browser resolves those against the address of the page
      to: { couldNotResolve: true },
    },
  ];
}

const services = "(tokenhub|gpt-image-hub|apimodels|nodekey|openai|sandbox)";
const betweenServices = {
  from: { path: `^src/providers/${services}` },
  to: { path: `^src/providers/${services}`, pathNot: "^src/providers/$1" },
};

/** Reads every import under `src` and `commands`. */
export async function readArrows(): Promise<ICruiseResult["summary"]> {
  const { output } = await cruise(
    ["src", "commands"],
    {
      ruleSet: { forbidden: rules() },
      validate: true,
      parser: "swc",
      tsPreCompilationDeps: true,
      doNotFollow: "node_modules",
      preserveSymlinks: true,
    },
    { exportsFields: ["exports"], conditionNames: ["import", "node", "default"] },
  );
  if (typeof output === "string") throw new Error("expected the cruise result as an object");
  return output.summary;
}
