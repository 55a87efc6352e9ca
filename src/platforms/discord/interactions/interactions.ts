import type {
  APIApplicationCommandAutocompleteInteraction,
  APIChatInputApplicationCommandInteraction,
  APIInteractionResponse,
  APIMessageApplicationCommandInteraction,
  APIMessageComponentInteraction,
  APIModalSubmitInteraction,
} from "discord.js";
import { ApplicationCommandType, InteractionResponseType, InteractionType } from "discord.js";
import type { AnyCommand } from "../../../command/command.ts";
import type { Field } from "../../../command/fields.ts";
import { Refusal } from "../../../errors.ts";
import { textFor } from "../../../text/text.ts";
import { callerOf, type Interaction, localeOf } from "../caller.ts";
import { renderCard } from "../cards.ts";
import { parseCustomId } from "../custom-id.ts";
import { imagesOf } from "../images-of.ts";
import { readableAnswers } from "../names.ts";
import { isEphemeral } from "../own-message.ts";
import { needsForm } from "../registration/fields.ts";
import { readModal, readOptions } from "./answers.ts";
import { suggestions } from "./autocomplete.ts";
import { jobsShownIn, readDescribeForm, renderDescribeForm } from "./describe.ts";
import { askForm, formId, menuCommand, menuNamed, readFormId, remember } from "./edit-message.ts";
import type { Ask, DiscordDeps, Prepared } from "./invoke.ts";
import { answerOrApology, invoke } from "./invoke.ts";
import { renderModal } from "./modal.ts";
import { readTyped } from "./options.ts";
import { respond, saying, thinking, thinkingInPlace } from "./respond.ts";

/** Answers what members do with the bot's commands, buttons and forms; the first answer leaves before all else. */
export async function answer(interaction: Interaction, deps: DiscordDeps): Promise<void> {
  switch (interaction.type) {
    case InteractionType.ApplicationCommand:
      if (interaction.data.type === ApplicationCommandType.ChatInput) {
        return onCommand(interaction as APIChatInputApplicationCommandInteraction, deps);
      }
      if (interaction.data.type !== ApplicationCommandType.Message) return;
      return onMessageCommand(interaction as APIMessageApplicationCommandInteraction, deps);
    case InteractionType.ApplicationCommandAutocomplete:
      return onAutocomplete(interaction, deps);
    case InteractionType.MessageComponent:
      return onButton(interaction, deps);
    case InteractionType.ModalSubmit:
      return onForm(interaction, deps);
  }
}

async function onCommand(interaction: APIChatInputApplicationCommandInteraction, deps: DiscordDeps): Promise<void> {
  const prepare = () => {
    const typed = readTyped(interaction.data);
    const command = typedCommand(deps.context.commands, typed.command);
    if (!command) throw new Error(`Discord still offers /${typed.command}`);
    return { command, answers: readOptions(command, typed, interaction.guild_id) };
  };
  await run(interaction, asking(interaction, prepare, deps), deps);
}

async function onAutocomplete(interaction: APIApplicationCommandAutocompleteInteraction, deps: DiscordDeps) {
  const { api, context } = deps;
  const typed = readTyped(interaction.data as Parameters<typeof readTyped>[0]);
  const command = typedCommand(context.commands, typed.command);
  const { usecases, seal, commands, world } = context;
  const text = textFor(localeOf(interaction));
  const caller = () => callerOf(interaction, world.now(), { seal, facts: deps.facts, commands });
  const styles = async () => usecases.styles.names(await caller());
  const references = async () => usecases.references.names(await caller());
  const choices = command ? await suggestions(command, typed, { usecases, text, styles, references }) : [];
  const type = InteractionResponseType.ApplicationCommandAutocompleteResult;
  await respond(api, interaction, { type, data: { choices } }, context);
}

async function onMessageCommand(interaction: APIMessageApplicationCommandInteraction, deps: DiscordDeps) {
  const { commands, usecases, cache } = deps.context;
  const text = textFor(localeOf(interaction));
  const menu = menuNamed(interaction.data.name);
  const chosen = menuCommand(commands, menu);
  const { images, leftOut } = remember(interaction, cache);
  const names = leftOut.join(", ");
  const refused = text.refusal(text.refusals["image-format"]({ filename: names }));
  const note = names ? text.discord.leftOutFiles(names) : undefined;
  const none = menu === "save" ? text.discord.noImageToSave() : text.discord.noImages();
  if (menu === "paint" && chosen && images.length > 0)
    return run(interaction, paintingOn(interaction, chosen, deps), deps);
  const id = formId(menu, interaction);
  const response: APIInteractionResponse =
    chosen && images.length > 0
      ? { type: InteractionResponseType.Modal, data: renderModal(chosen, id, { usecases, text, note }) }
      : saying(renderCard(names ? refused : none));
  await acknowledge(interaction, response, deps);
}

/** The message alone says what is painted over: nothing is asked for. */
function paintingOn({ id: note }: Interaction, command: AnyCommand, { context }: DiscordDeps): Ask {
  const { usecases, cache } = context;
  return (caller, text) => askForm({ note, command, answers: {}, plainWords: [] }, { caller, text, usecases, cache });
}

async function onButton(interaction: APIMessageComponentInteraction, deps: DiscordDeps): Promise<void> {
  const aim = aimOf(deps.context.commands, interaction.data.custom_id);
  if (aim?.command.describesImages) {
    await acknowledge(interaction, await describeForm(interaction, deps), deps);
    return;
  }
  if (!aim || !needsForm(aim.command.fields)) {
    const source = takesPlace(interaction, aim) ? interaction.message.id : undefined;
    return run(
      interaction,
      asking(interaction, () => known(aim), deps),
      deps,
      source,
    );
  }
  const { usecases } = deps.context;
  const data = renderModal(aim.command, interaction.data.custom_id, { usecases, text: textFor(localeOf(interaction)) });
  await acknowledge(interaction, { type: InteractionResponseType.Modal, data }, deps);
}

/** Filled in with what the images of the message have now; a refusal where they are not the member's. */
async function describeForm(
  interaction: APIMessageComponentInteraction,
  { context, facts }: DiscordDeps,
): Promise<APIInteractionResponse> {
  const { usecases, world, seal, commands } = context;
  const { message, data } = interaction;
  const text = textFor(localeOf(interaction));
  const caller = await callerOf(interaction, world.now(), { seal, facts, commands });
  const described = await answerOrApology(() => usecases.descriptions.of(jobsShownIn(message), caller), {
    ...{ text, context, caller },
  });
  if ("apology" in described) return saying(renderCard(described.apology));
  const form = renderDescribeForm({ message, described, customId: data.custom_id }, text);
  return { type: InteractionResponseType.Modal, data: form };
}

function describing(interaction: APIModalSubmitInteraction, { context }: DiscordDeps): Ask {
  const { descriptions } = context.usecases;
  const { message = {} } = interaction;
  return async (caller, text) => {
    const described = await descriptions.of(jobsShownIn(message), caller);
    const changes = readDescribeForm({ message, described }, interaction);
    const images = changes.length > 0 ? await descriptions.change(changes, caller) : described;
    return { kind: "described", card: text.cards.described(), images };
  };
}

async function onForm(interaction: APIModalSubmitInteraction, deps: DiscordDeps): Promise<void> {
  const { api, context } = deps;
  const { commands, usecases, cache } = context;
  const form = readFormId(interaction.data.custom_id);
  const command = form && menuCommand(commands, form.menu);
  if (form && command) {
    const ask: Ask = async (caller, text) => {
      const origin = { guild: interaction.guild_id || undefined, text };
      const read = await readableAnswers(command, readModal(command, interaction), origin, { api, cache });
      return askForm({ note: form.note, command, ...read }, { caller, text, usecases, cache });
    };
    return run(interaction, ask, deps);
  }
  const aim = aimOf(commands, interaction.data.custom_id);
  if (aim?.command.describesImages)
    return run(interaction, describing(interaction, deps), deps, interaction.message?.id);
  const prepare = () => {
    const { command, answers } = known(aim);
    return { command, answers: { ...readModal(command, interaction), ...answers } };
  };
  await run(interaction, asking(interaction, prepare, deps), deps);
}

function asking({ guild_id }: Interaction, prepare: () => Prepared, { api, context }: DiscordDeps): Ask {
  const { usecases, cache } = context;
  return async (caller, text) => {
    const { command, answers: given } = prepare();
    const read = await readableAnswers(command, given, { guild: guild_id || undefined, text }, { api, cache });
    return command.run({ ...read, caller, usecases, text });
  };
}

async function run(interaction: Interaction, ask: Ask, deps: DiscordDeps, source?: string): Promise<void> {
  const receivedAt = deps.context.world.now();
  const counted = await acknowledge(interaction, source ? thinkingInPlace : thinking, deps);
  if (counted) await invoke({ interaction, ask, source, receivedAt }, deps);
}

/** False when Discord or another process answered instead: then nothing may be started. */
async function acknowledge(
  interaction: { readonly id: string; readonly token: string },
  response: APIInteractionResponse,
  { api, context }: DiscordDeps,
): Promise<boolean> {
  const { world, observer } = context;
  const receivedAt = world.now();
  const counted = await respond(api, interaction, response, context);
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
  if (!action || !command) return undefined;
  const { job, index } = action;
  if (job === undefined) return !field && command.entry === "button" ? { command, answers: {} } : undefined;
  return field && { command, answers: { [field[0]]: { job, index } } };
}

function known(aim: Prepared | undefined): Prepared {
  if (!aim) throw new Refusal("job-unknown", {}); // a button from an older version, or not ours
  return aim;
}

/** A question, and a private message of words alone, give way to what their buttons lead to, a deleted one to nothing. */
function takesPlace({ message }: APIMessageComponentInteraction, aim: Prepared | undefined): boolean {
  if (!message) return false;
  if (aim?.command.answersConfirmation || aim?.command.destructive) return true;
  return isEphemeral(message) && imagesOf(message).length === 0;
}
