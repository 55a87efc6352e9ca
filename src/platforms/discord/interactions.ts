import type {
  APIInteractionResponse,
  AutocompleteInteraction,
  ButtonInteraction,
  ChatInputCommandInteraction,
  Interaction,
  ModalSubmitInteraction,
} from "discord.js";
import { InteractionResponseType, MessageFlags } from "discord.js";
import type { AnyCommand } from "../../command/command.ts";
import type { Field } from "../../command/fields.ts";
import { Refusal } from "../../errors.ts";
import { textFor } from "../../text/text.ts";
import { readModal, readOptions } from "./answers.ts";
import { needsForm } from "./asked.ts";
import { suggestions } from "./autocomplete.ts";
import { parseCustomId } from "./custom-id.ts";
import type { Invoked, Prepared, Surroundings } from "./invoke.ts";
import { invoke } from "./invoke.ts";
import { renderModal } from "./modal.ts";
import { respond, thinking, thinkingInPlace } from "./respond.ts";

/** Answers what members do with the bot's commands, buttons and forms; the first answer leaves before all else. */
export async function answer(interaction: Interaction, around: Surroundings): Promise<void> {
  if (interaction.isChatInputCommand()) await onCommand(interaction, around);
  else if (interaction.isAutocomplete()) await onAutocomplete(interaction, around);
  else if (interaction.isButton()) await onButton(interaction, around);
  else if (interaction.isModalSubmit()) await onForm(interaction, around);
}

async function onCommand(interaction: ChatInputCommandInteraction, around: Surroundings): Promise<void> {
  const prepare = () => {
    const command = typedCommand(around.context.commands, interaction.commandName);
    if (!command) throw new Error(`Discord still offers /${interaction.commandName}`);
    return { command, answers: readOptions(command, interaction.options) };
  };
  await run({ interaction, prepare, inPlace: false }, around);
}

async function onAutocomplete(interaction: AutocompleteInteraction, { api, context }: Surroundings): Promise<void> {
  const command = typedCommand(context.commands, interaction.commandName);
  const choices = command ? suggestions(command, interaction, context.usecases) : [];
  const type = InteractionResponseType.ApplicationCommandAutocompleteResult;
  await respond(api, interaction, { type, data: { choices } }, context.log);
}

async function onButton(interaction: ButtonInteraction, around: Surroundings): Promise<void> {
  const aim = aimOf(around.context.commands, interaction.customId);
  if (!aim || !needsForm(aim.command.fields)) {
    await run({ interaction, prepare: () => known(aim), inPlace: isCard(interaction) }, around);
    return;
  }
  const data = renderModal(aim.command, interaction.customId, textFor(interaction.locale));
  await acknowledge(interaction, { type: InteractionResponseType.Modal, data }, around);
}

async function onForm(interaction: ModalSubmitInteraction, around: Surroundings): Promise<void> {
  const prepare = () => {
    const { command, answers } = known(aimOf(around.context.commands, interaction.customId));
    return { command, answers: { ...readModal(command, interaction), ...answers } };
  };
  await run({ interaction, prepare, inPlace: false }, around);
}

async function run(asked: Omit<Invoked, "receivedAt">, around: Surroundings): Promise<void> {
  const receivedAt = around.context.world.now();
  const counted = await acknowledge(asked.interaction, asked.inPlace ? thinkingInPlace : thinking, around);
  if (counted) await invoke({ ...asked, receivedAt }, around);
}

/** False when Discord or another process answered instead: then nothing may be started. */
async function acknowledge(
  interaction: { readonly id: string; readonly token: string },
  response: APIInteractionResponse,
  { api, context: { world, observer, log } }: Surroundings,
): Promise<boolean> {
  const receivedAt = world.now();
  const counted = await respond(api, interaction, response, log);
  if (counted) observer.acknowledged({ platform: "discord", ms: world.now() - receivedAt });
  return counted;
}

function typedCommand(commands: readonly AnyCommand[], wanted: string): AnyCommand | undefined {
  return commands.find(({ entry, name }) => entry === "typed" && name === wanted);
}

/** The command that a custom id names, with the job that it stands on as the answer to the command's job field. */
function aimOf(commands: readonly AnyCommand[], id: string): Prepared | undefined {
  const action = parseCustomId(id);
  const command = commands.find(({ name }) => name === action?.command);
  const field = Object.entries<Field>(command?.fields ?? {}).find(([, { kind }]) => kind === "job");
  if (!action || !command || !field) return undefined;
  return { command, answers: { [field[0]]: { job: action.job, index: action.index } } };
}

function known(aim: Prepared | undefined): Prepared {
  if (!aim) throw new Refusal("job-unknown", {}); // a button from an older version, or not ours
  return aim;
}

/** A private message of words alone gives way to what its button leads to; images stay. */
function isCard({ message }: ButtonInteraction): boolean {
  return message.flags.has(MessageFlags.Ephemeral) && message.attachments.size === 0;
}
