import { commands } from "../../../commands/index.ts";
import { type StepDefinition, stepDefinitions } from "../../../src/platforms/slack/steps/definition.ts";
import { eventPayload, type Who } from "./payloads.ts";
import type { SlackLine } from "./socket.ts";
import type { Json, SlackState } from "./state.ts";

type Answer = Json | { readonly error: string };

/** One run of the app's step in a workflow. */
export interface Execution {
  readonly id: string;
  readonly team: string;
  state: "running" | "succeeded" | "failed" | "cancelled";
  outputs?: Json;
  error?: string;
  /** How often the app has ended it, whether Slack took that or not. */
  ends: number;
}

/** Workflows in which the app's step runs, by the id of their executions. */
export class SlackWorkflows {
  readonly executions = new Map<string, Execution>();
  readonly #slack: SlackState;

  constructor(slack: SlackState) {
    this.#slack = slack;
  }

  /** The steps that the app's manifest declares. */
  readonly definitions: Readonly<Record<string, StepDefinition>> = stepDefinitions(commands);

  begin(team: string): Execution {
    const id = `Fx${String(this.#slack.count()).padStart(9, "0")}`;
    const execution: Execution = { id, team, state: "running", ends: 0 };
    this.executions.set(id, execution);
    return execution;
  }

  /** Somebody cancels the workflow; the app hears nothing of it. */
  cancel(id: string): void {
    const execution = this.executions.get(id);
    if (execution) execution.state = "cancelled";
  }

  /** Resolves once the execution has ended. */
  ended(id: string): Promise<Execution> {
    return this.#slack.until(() => {
      const execution = this.executions.get(id);
      return execution && execution.state !== "running" && execution.state !== "cancelled" && execution;
    });
  }
}

/** A run of the step that was sent to the app. */
export interface SentStep {
  readonly execution: Execution;
  /** Sends the same event again, as Slack does when it heard nothing. */
  again(retry?: { readonly num: number; readonly reason: string }): Promise<unknown>;
}

interface Workflow {
  /** Filled in by its builder. */
  readonly inputs: Json;
  /** Who started it by hand, as Slack vouches for; absent: it runs by a schedule or a webhook. */
  readonly starter?: string | undefined;
  /** Written by a program in the place of a starter that Slack vouches for. */
  readonly forged?: unknown;
  /** Whatever else stands in the envelope. */
  readonly envelope?: Json;
}

/** A workflow in this workspace comes to the app's step. */
export async function runStep(
  line: SlackLine,
  who: Pick<Who, "slack" | "origin" | "team">,
  { inputs, starter, forged, envelope = {} }: Workflow,
): Promise<SentStep> {
  const { slack, team } = who;
  const [callback_id, definition] = Object.entries(slack.workflows.definitions)[0] as [string, StepDefinition];
  refuseUndeclared(definition, inputs);
  const execution = slack.workflows.begin(team);
  const person = starter === undefined ? forged : { id: starter, secret: `secret-of-${starter}` };
  const event = {
    type: "function_executed",
    function: functionOf(slack, callback_id, definition),
    inputs: { ...inputs, ...(person === undefined ? {} : { starter: person }) },
    function_execution_id: execution.id,
    workflow_execution_id: `Wx${slack.count()}`,
    bot_access_token: `xwfp-token-of-${execution.id}`,
  };
  const payload = { ...eventPayload({ ...who, id: starter ?? "", name: "" }, event), ...envelope };
  await line.send("events_api", payload);
  return { execution, again: (retry) => line.send("events_api", payload, retry) };
}

/** As Workflow Builder does: it has no field for a person whom Slack vouches for, and lists of what can be chosen. */
function refuseUndeclared({ input_parameters }: StepDefinition, inputs: Json): void {
  for (const [name, value] of Object.entries(inputs)) {
    const parameter = input_parameters[name];
    if (!parameter) throw new Error(`the step has no input ${name}`);
    if (parameter.type.endsWith("user_context")) throw new Error("a builder cannot say who started the workflow");
    if (parameter.enum && !parameter.enum.includes(String(value))) throw new Error(`${name} cannot be ${value}`);
  }
  const missing = Object.values(input_parameters).find(({ name, is_required }) => is_required && !(name in inputs));
  if (missing) throw new Error(`the step needs ${missing.name}`);
}

function functionOf({ appId }: SlackState, callback_id: string, definition: StepDefinition): Json {
  const { title, description, input_parameters, output_parameters } = definition;
  const dates = { date_created: 1_694_727_597, date_updated: 1_698_947_481, date_deleted: 0 };
  return {
    ...{ id: "Fn1", callback_id, title, description, type: "app", app_id: appId, ...dates },
    input_parameters: Object.values(input_parameters),
    output_parameters: Object.values(output_parameters),
  };
}

export function completeSuccess(slack: SlackState, body: Json, _origin: string, team: string): Answer {
  const execution = running(slack, body, team);
  if ("refused" in execution) return { error: execution.refused };
  const outputs = JSON.parse(String(body.outputs)) as Json;
  const wrong = wrongOutput(slack, outputs);
  if (wrong) {
    slack.violation(wrong);
    return { error: "parameter_validation_failed", response_metadata: { messages: [wrong] } };
  }
  Object.assign(execution, { state: "succeeded", outputs });
  return {};
}

export function completeError(slack: SlackState, body: Json, _origin: string, team: string): Answer {
  const execution = running(slack, body, team);
  if ("refused" in execution) return { error: execution.refused };
  if (String(body.error ?? "").trim() === "") slack.violation("a step fails without a sentence");
  Object.assign(execution, { state: "failed", error: String(body.error) });
  return {};
}

/** Only once, and by the app of that workspace. */
function running(slack: SlackState, body: Json, team: string): Execution | { readonly refused: string } {
  const execution = slack.workflows.executions.get(String(body.function_execution_id));
  if (!execution || (team !== "" && !team.startsWith("E") && execution.team !== team)) {
    return { refused: "function_execution_not_found" };
  }
  execution.ends++;
  if (execution.state === "running") return execution;
  if (execution.state !== "cancelled") slack.violation("a step was ended a second time");
  return { refused: "execution_not_in_running_state" };
}

const isOfType: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === "string",
  integer: Number.isInteger,
  "slack#/types/file_id": (value) => /^F\w{5,}$/.test(String(value)),
};

function wrongOutput(slack: SlackState, outputs: Json): string | undefined {
  const [definition] = Object.values(slack.workflows.definitions);
  const declared = definition?.output_parameters ?? {};
  const unknown = Object.keys(outputs).find((name) => !(name in declared));
  if (unknown) return `the step declares no output ${unknown}`;
  const bad = Object.values(declared).find(({ name, type, is_required }) =>
    name in outputs ? !isOfType[type]?.(outputs[name]) : is_required,
  );
  return bad && `the output ${bad.name} is no ${bad.type}`;
}

/** The address of a message that the app can see. */
export function getPermalink(slack: SlackState, { channel, message_ts }: Json): Answer {
  const found = slack.messages.some((one) => one.channel === channel && one.ts === message_ts && !one.deleted);
  if (!slack.channels.has(String(channel))) return { error: "channel_not_found" };
  if (!found) return { error: "message_not_found" };
  const permalink = `https://acme.slack.com/archives/${channel}/p${String(message_ts).replace(".", "")}`;
  return { channel, permalink };
}

export function deleteFile(slack: SlackState, { file }: Json): Answer {
  return slack.files.delete(String(file)) ? {} : { error: "file_not_found" };
}
