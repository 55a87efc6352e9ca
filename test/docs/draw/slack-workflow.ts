import type { types } from "@slack/bolt";
import { commands } from "../../../commands/index.ts";
import { renderManifest } from "../../../src/platforms/slack/manifest.ts";
import type { StepDefinition, StepParameter } from "../../../src/platforms/slack/steps/definition.ts";
import type { fakeSlack } from "../../support/slack/slack.ts";
import { runStep } from "../../support/slack/workflows.ts";
import { type Html, html } from "./html.ts";
import type { Picture } from "./picture.ts";
import { drawBlocks, type Shown } from "./slack-parts.ts";

const filled = {
  prompt: "a lighthouse in flat colours, for {Name of the event}",
  size: "2048x1152",
  quality: "low",
  channel: "# general",
};

/** Draws the step as whoever builds a workflow sees it, and the message that becomes its image. */
export async function workflowPicture(fake: Awaited<ReturnType<typeof fakeSlack>>): Promise<Picture> {
  const { slack, line } = fake;
  const [step] = Object.values(renderManifest(commands, { mode: "socket" }).functions);
  if (!step) throw new Error("the manifest declares no step");
  const prompt = filled.prompt.replace("{Name of the event}", "Harbour Day");
  slack.members.set("U4", { locale: "en-US", admin: false, displayName: "Ada" });
  const { execution } = await runStep(
    line,
    { ...fake, team: slack.team },
    {
      inputs: { prompt, size: filled.size, quality: filled.quality, channel: "C1" },
      starter: "U4",
    },
  );
  await slack.workflows.ended(execution.id);
  const shown: Shown = { image: (id) => slack.files.get(id)?.bytes, filled };
  const message = slack.messagesIn("C1").find(({ blocks }) => JSON.stringify(blocks).includes("lighthouse"));
  const blocks = (message?.blocks ?? []) as unknown as types.KnownBlock[];
  const body = html`<div class="workflow">${drawStep(step, shown)}
    <div class="channel"><div class="top"><b># general</b></div>
      <div class="message"><span class="avatar">A</span><div class="head"><b>Atelier</b> <span class="app">APP</span></div>
        <div class="body">${drawBlocks(blocks, shown)}</div></div></div></div>`;
  return { name: "slack-workflow", look: "slack", body };
}

function drawStep({ title, input_parameters, output_parameters }: StepDefinition, shown: Shown): Html {
  const inputs = Object.values(input_parameters).flatMap((parameter) => inputBlock(parameter) ?? []);
  const outputs = Object.values(output_parameters).map(
    (parameter) => html`<span class="output">${parameter.title}</span>`,
  );
  return html`<div class="modal"><div class="title"><span class="avatar">A</span><b>${title}</b><i>✕</i></div>
    <div class="body">${drawBlocks(inputs, shown)}<div class="hint">For the next steps</div><div>${outputs}</div></div>
    <div class="foot"><span class="button">Cancel</span><span class="button primary">Save</span></div></div>`;
}

/** A field of Workflow Builder; it has none for who started the workflow. */
function inputBlock({ name, title, type, is_required, choices }: StepParameter): types.InputBlock | undefined {
  if (type.endsWith("user_context")) return undefined;
  const label = { type: "plain_text", text: title } as const;
  const options = choices?.map(({ value, title: text }) => ({ value, text: { type: "plain_text", text } as const }));
  const channels = [{ value: filled.channel, text: { type: "plain_text", text: filled.channel } as const }];
  const chosen = type.endsWith("channel_id") ? channels : options;
  const element: types.InputBlockElement = chosen
    ? { type: "static_select", options: chosen }
    : { type: "plain_text_input", multiline: name === "prompt" };
  return { type: "input", block_id: name, label, optional: !is_required, element };
}
