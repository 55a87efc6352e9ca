import type { App, EnvelopedEvent } from "@slack/bolt";
import type { SlackContext } from "../context.ts";
import { eventOrigin } from "../events/origin.ts";
import { memberKey } from "../keys.ts";
import { stepCallback, stepEvent, stepKey } from "./step-event.ts";

/**
 * Takes steps of workflows: they are written down before Slack is answered, so that none is lost, and one that comes twice is
 * one. What cannot be written down is not answered: Slack sends it again. The token that comes with it is not kept: the app's
 * own ends a step as well.
 */
export function listenToSteps(app: App, { workspaces, context }: SlackContext): void {
  const { steps } = context;
  if (!steps) return;
  app.function(stepCallback, { autoAcknowledge: false }, async ({ ack, event, body }) => {
    const origin = eventOrigin(body);
    const team = await workspaces.resolve(origin);
    if (team === undefined) {
      context.log.info({ teams: origin.teams }, "Slack: a workflow step of another installation is ignored");
      return ack();
    }
    const read = stepEvent(team, { inputs: event.inputs, organisation: organisationIn(body) });
    await steps.add({
      id: stepKey(team, event.function_execution_id),
      ...{ platform: "slack", tenant: `slack:${team}`, event: JSON.stringify(read) },
      member: read.starter === undefined ? undefined : memberKey(team, read.starter),
    });
    await ack();
  });
}

/** The organisation to which the installation belongs that Slack sends this to. */
function organisationIn({ authorizations }: Pick<EnvelopedEvent, "authorizations">): string | undefined {
  return authorizations?.[0]?.enterprise_id ?? undefined;
}
