import type { JobJson } from "../../../src/platforms/web/job-json.ts";
import type { Playground } from "./playground.ts";

let presses = 0;

/** As the page does it: same origin, a key of its own for each press. */
export function press(
  { url }: Playground,
  command: string,
  answers: Readonly<Record<string, string | File | readonly File[]>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const body = new FormData();
  for (const [name, answer] of Object.entries(answers)) {
    for (const value of [answer].flat()) body.append(name, value as string | File);
  }
  return fetch(`${url}/api/commands/${command}`, {
    method: "POST",
    headers: { Origin: url, "Idempotency-Key": `press-${presses++}-of-test`, ...headers },
    body,
  });
}

/** The job that a press made. */
export async function jobOf(answer: Promise<Response>): Promise<JobJson> {
  const response = await answer;
  const body = (await response.json()) as { job: JobJson };
  if (response.status !== 200) throw new Error(`expected a job, got ${response.status} ${JSON.stringify(body)}`);
  return body.job;
}

/** The job as it is once it is over. */
export async function finished({ url }: Playground, job: { id: string }): Promise<JobJson> {
  const last = (await eventsOf(`${url}/api/jobs/${job.id}/events`)).at(-1);
  if (!last?.final) throw new Error("the stream ended before the job");
  return last;
}

/** Reads a stream of server-sent events to its end. */
export async function eventsOf(address: string): Promise<JobJson[]> {
  const response = await fetch(address);
  return jobsIn(await response.text());
}

export function jobsIn(stream: string): JobJson[] {
  return [...stream.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data ?? ""));
}

/** Reads the sentences of a refusal. */
export async function sentences(answer: Response | Promise<Response>): Promise<string> {
  const { card } = (await (await answer).json()) as { card: { paragraphs: string[] } };
  return card.paragraphs.join(" ");
}
