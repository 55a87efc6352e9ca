import { printable } from "../cli/printable.ts";
import { firstOfEach } from "../providers/offered.ts";
import { endDate } from "../providers/retirements.ts";
import { serviceOf } from "../request.ts";
import { type AppDeps, assemble } from "./assemble.ts";

/** Every connection once, each with its own line; false when one does not work. */
export async function check(deps: AppDeps, print: (line: string) => void): Promise<boolean> {
  const { config, database } = deps;
  const { providers, retirements, installed, images } = await assemble(deps);
  const checks: [string, () => Promise<unknown>][] = [
    [`database (${database.engine})`, () => database.db.selectFrom("account").select("id").limit(1).execute()],
    ...(config.spool ? [["shared images", () => images.check()] as [string, () => Promise<unknown>]] : []),
    ...installed.map(({ platform }): [string, () => Promise<unknown>] => [platform.name, () => platform.check()]),
    ...firstOfEach(providers).map((one): [string, () => Promise<unknown>] => [serviceOf(one.name), () => one.check()]),
  ];
  let good = true;
  for (const [name, connect] of checks) {
    try {
      await connect();
      print(`ok      ${name}`);
    } catch (error) {
      good = false;
      print(`failed  ${name}: ${printable(error instanceof Error ? error.message : String(error))}`);
    }
  }
  await retirements.ask();
  for (const [name, end] of Object.entries(retirements.near())) {
    const hasEnded = retirements.hasEnded(name);
    if (hasEnded) good = false;
    const [word, ends] = hasEnded ? ["failed ", "ended"] : ["warning", "ends"];
    print(`${word} ${name}: its model ${end.model} ${ends} on ${endDate(end)}: choose another`);
  }
  await Promise.all(providers.map((provider) => provider.close()));
  return good;
}
