/** `npm run bench` runs every benchmark; `npm run bench -- queue` only that one. Numbers go to docs/performance.md. */
const benchmarks = ["bot", "decoder", "ack", "queue", "crowd", "lists", "growth", "storm", "start"];

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !benchmarks.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`There is no benchmark ${unknown.join(", ")}. There are ${benchmarks.join(", ")}.\n`);
  process.exit(1);
}
for (const name of asked.length > 0 ? asked : benchmarks) {
  process.stdout.write(`\n# ${name}\n`);
  const { run } = (await import(`./${name}.ts`)) as { run(): Promise<void> };
  await run();
}
