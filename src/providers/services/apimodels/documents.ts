import { isAddress } from "../../decode/image-strings.ts";
import type { Json } from "../../decode/json.ts";
import type { Task } from "../../http/follow-task.ts";

/** A task as the service tells of it. Its document has only `completed` (AM-16): the rest is read kindly. */
export interface ApimodelsTask extends Task {
  /** False when nothing is said of a task. */
  readonly known: boolean;
}

type Layer = Readonly<Record<string, unknown>>;

const wrappers = ["data", "task", "result", "output", "response"];
const idNames = ["taskId", "task_id"];
const stateNames = ["state", "status", "task_status", "taskStatus"];
const percentNames = ["progress", "percent", "percentage"];
const listNames = ["images", "image_urls", "results", "result", "data", "output", "urls", "url"];
const errorNames = ["error", "fail_reason", "failReason", "failMsg", "error_message", "errorMessage"];
const codeNames = ["error_code", "errorCode", "fail_code", "failCode"];

const completedWords = /^(complete|succe|done|finish|ok$)/i;
const failedWords = /^(fail|error|cancel|reject|expire|time)/i;
const runningWords = /^(accept|creat|generat|in.?progress|init|pend|process|queue|run|start|submit|wait)/i;

export function taskIn(document: unknown): ApimodelsTask {
  const layers = layersOf(document);
  const urls = urlsIn(layers);
  const stated = statedState(layers);
  const state = stated ?? (urls.length > 0 ? "completed" : undefined);
  return {
    state: state ?? "running",
    known: state !== undefined || taskIdIn(document) !== undefined,
    percent: percentIn(layers),
    urls,
    error: errorIn(layers),
  };
}

/** The id of a task in an answer or a callback, under either name that the service has for it, or `id`. */
export function taskIdIn(document: unknown): string | undefined {
  const layers = layersOf(document);
  const named = idOf(first(layers, idNames));
  if (named !== undefined || !isLayer(document) || Array.isArray(document.data)) return named;
  // Results within may have ids of their own.
  return idOf(first([document.data, document.task, document].filter(isLayer), ["id"]));
}

/** All objects that are wrapped in one another, innermost first. */
function layersOf(value: unknown): readonly Layer[] {
  return isLayer(value) ? [...wrappers.flatMap((name) => layersOf(value[name])), value] : [];
}

function isLayer(value: unknown): value is Layer {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function first(layers: readonly Layer[], names: readonly string[]): unknown {
  const values = layers.flatMap((layer) => names.map((name) => layer[name]));
  return values.find(Boolean);
}

function idOf(value: unknown): string | undefined {
  const id = typeof value === "number" ? String(value) : value;
  return typeof id === "string" && id.length <= 200 ? id : undefined;
}

function statedState(layers: readonly Layer[]): Task["state"] | undefined {
  const word = textOf(first(layers, stateNames));
  if (completedWords.test(word)) return "completed";
  if (runningWords.test(word)) return "running";
  // Outside of any task, an error is one of asking for it, and says nothing of the task.
  const ofTask = first(layers, idNames) === undefined ? layers.slice(0, -1) : layers;
  const failed = failedWords.test(textOf(first(ofTask, stateNames))) || first(ofTask, errorNames) !== undefined;
  return failed ? "failed" : undefined;
}

function percentIn(layers: readonly Layer[]): number | undefined {
  const percent = Number.parseInt(String(first(layers, percentNames)), 10);
  return percent >= 0 && percent <= 100 ? percent : undefined;
}

function urlsIn(layers: readonly Layer[]): Task["urls"] {
  const lists = layers.flatMap((layer) => listNames.map((name) => [layer[name]].flat()));
  return (lists.find((list) => list.some(isImage)) ?? []).map(urlOf);
}

function isImage(value: unknown): boolean {
  return urlOf(value) !== undefined || (isLayer(value) && "b64_json" in value);
}

function urlOf(value: unknown): string | undefined {
  const url = isLayer(value) ? (value.url ?? value.image_url) : value;
  return typeof url === "string" && isAddress(url.trim()) ? url.trim() : undefined;
}

function errorIn(layers: readonly Layer[]): Json {
  const error = first(layers, errorNames);
  const [code, message] = isLayer(error)
    ? [error.code ?? error.type, error.message]
    : [first(layers, codeNames), error];
  const said = message ?? first(layers, ["message", "msg"]);
  return { error: { code: textOf(code), message: textOf(said) || "the task failed" } };
}

function textOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
