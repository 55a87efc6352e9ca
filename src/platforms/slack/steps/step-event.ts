/** The name by which Slack knows the step. */
export const stepCallback = "create_image";

/** Filled in by whoever built the workflow, in Slack's markup; what is empty is absent. */
export interface StepInputs {
  readonly prompt: string;
  readonly style?: string | undefined;
  readonly size?: string | undefined;
  readonly quality?: string | undefined;
  readonly references?: string | undefined;
  /** Its id. */
  readonly channel?: string | undefined;
}

/** A step as it is kept until it is started; holds no secret. */
export interface StepEvent {
  readonly team: string;
  /** Who started the workflow, as Slack vouches for it; undefined where nobody did. */
  readonly starter?: string | undefined;
  /** Key of the organisation that has installed the app. */
  readonly organisation?: string | undefined;
  readonly inputs: StepInputs;
}

type Inputs = Readonly<Record<string, unknown>>;

interface SentStep {
  readonly inputs: Inputs;
  /** Its id. */
  readonly organisation?: string | undefined;
}

/** Reads what Slack sends of a step in this workspace. */
export function stepEvent(team: string, { inputs, organisation }: SentStep): StepEvent {
  const text = (name: string) => textIn(inputs, name);
  return {
    team,
    starter: starterIn(inputs),
    organisation: organisation === undefined ? undefined : `slack:${organisation}`,
    inputs: {
      prompt: text("prompt") ?? "",
      style: text("style"),
      size: text("size"),
      quality: text("quality"),
      references: text("references"),
      channel: text("channel"),
    },
  };
}

/** `slack:T1:step:Fx1`: the same for every time that Slack sends it. */
export function stepKey(team: string, execution: string): string {
  return `slack:${team}:step:${execution}`;
}

/** The workspace and the execution of a step. */
export function readStepKey(key: string): { readonly team: string; readonly execution: string } {
  const [, team = "", , execution = ""] = key.split(":");
  return { team, execution };
}

function textIn(inputs: Inputs, name: string): string | undefined {
  const value = inputs[name];
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}

/**
 * Slack itself fills in a `user_context`, with a secret that it checks: whoever builds a workflow cannot write one there
 * (docs: user_context type). Whatever else stands in its place proves nothing.
 */
function starterIn(inputs: Inputs): string | undefined {
  const { id, secret } = (inputs.starter ?? {}) as { readonly id?: unknown; readonly secret?: unknown };
  const isProven = typeof id === "string" && /^[UW]\w+$/.test(id) && typeof secret === "string" && secret !== "";
  return isProven ? id : undefined;
}
