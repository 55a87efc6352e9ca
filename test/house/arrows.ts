import { cruise, type ICruiseResult, type IForbiddenRuleType, type IViolation } from "dependency-cruiser";

/** The floors below the use cases and the worker. */
const floors = ["src/credits", "src/flow", "src/images", "src/jobs", "src/providers", "src/store"];

/**
 * The rooms that a room may look into, besides itself and the domain's words (the loose files of src/). Arrows go one
 * way: what is not listed here (src/app) may look everywhere, and nothing may look into it.
 */
const rooms: Readonly<Record<string, readonly string[]>> = {
  commands: ["src/command", "src/contract", "src/text"],
  "src/command": ["src/contract", "src/text"],
  "src/platforms": ["src/command", "src/contract", "src/flow", "src/text"],
  "src/text": ["src/contract"],
  "src/contract": ["src/store"],
  "src/usecases": ["src/contract", "src/policy", "src/settlement", "src/views", ...floors],
  "src/worker": ["src/contract", "src/policy", "src/settlement", "src/views", ...floors],
  "src/settlement": ["src/contract", ...floors],
  "src/views": ["src/contract", "src/policy", ...floors],
  "src/policy": ["src/contract", ...floors],
  "src/cli": ["src/contract", "src/images", "src/jobs", "src/store", "src/text"],
  "src/config": ["src/contract", "src/providers", "src/flow"],
  "src/server": ["src/contract"],
  "src/providers": ["src/store", "src/flow"],
  "src/images": ["src/store", "src/flow"],
  "src/flow": [],
  "src/credits": ["src/store"],
  "src/jobs": ["src/store"],
  "src/store": [],
};

/** Siblings that never look into each other. */
const siblings = ["src/platforms", "src/providers/services"];

/** Which package may be used where, and nowhere else. */
const packages: Readonly<Record<string, string>> = {
  "discord.js": "src/platforms/discord/",
  "@slack/(bolt|web-api)": "src/platforms/slack/",
  undici: "src/(providers/http|images/download|flow|platforms/discord/rest)/",
  "(pg|kysely)": "src/(store|credits|jobs)/",
  sharp: "src/(images/decoder|providers/services/sandbox)/",
  "@aws-sdk/client-s3": "src/images/spool/",
  commander: "src/cli/",
  keyv: "src/store/",
  pino: "src/app/",
  "prom-client": "src/server/",
  express: "src/(app|server|platforms)/",
  zod: "src/(config|platforms)/",
};

const between = (name: string, from: object, to: object): IForbiddenRuleType => ({ name, severity: "error", from, to });

function rules(): IForbiddenRuleType[] {
  const arrows = Object.entries(rooms).map(([room, doors]) =>
    between(
      `${room} looks into ${["itself", ...doors].join(", ")} only`,
      { path: `^${room}/` },
      { path: "^(src/[^/]+/|commands/)", pathNot: [room, ...doors].map((door) => `^${door}/`) },
    ),
  );
  const apart = siblings.map((room) =>
    between(
      `no room of ${room} looks into another`,
      { path: `^${room}/([^/]+)/` },
      { path: `^${room}/[^/]+/`, pathNot: `^${room}/$1/` },
    ),
  );
  const borders = Object.entries(packages).map(([name, place]) =>
    between(
      `${name} only in ${place}`,
      { path: "^(src|commands)/", pathNot: `^${place}` },
      { path: `^node_modules/${name}/` },
    ),
  );
  return [
    ...arrows,
    ...apart,
    ...borders,
    between(
      "node:sqlite only in src/store",
      { path: "^(src|commands)/", pathNot: "^src/store/" },
      { path: "^(node:)?sqlite$" },
    ),
    between(
      "the domain's words look at nothing but each other and the rooms they put together",
      { path: "^src/(errors|image|request|world|fail-point)\\.ts$" },
      { path: "^(src/[^/]+/|commands/|src/context)" },
    ),
    between("no circle, but of types between two files", {}, { circular: true }),
    // The browser resolves the imports of assets against the address of the page.
    between("nothing that cannot be found", { pathNot: "/assets/" }, { couldNotResolve: true }),
  ];
}

/** Two files of which one needs only types of the other: no code waits for itself. */
function isCircleOfTypes({ cycle = [] }: IViolation): boolean {
  return cycle.length === 2 && cycle.some(({ dependencyTypes }) => dependencyTypes.includes("type-only"));
}

/** Reads every import under `src` and `commands`; which of them go where they must not, and how many files were read. */
export async function readArrows(): Promise<Pick<ICruiseResult["summary"], "violations" | "totalCruised">> {
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
  const { violations, totalCruised } = output.summary;
  return { totalCruised, violations: violations.filter((violation) => !isCircleOfTypes(violation)) };
}
