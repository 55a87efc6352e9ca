import type { APIInteractionResponse } from "discord-api-types/v10";
import { ApiError, type ApiRequest } from "./http.ts";
import { checkMessage, editMessage, refuse, removeMessage, storeMessage } from "./messages.ts";
import { choiceProblems, modalProblems } from "./rules.ts";
import { type FakeChannel, type FakeInteraction, type FakeMessage, type FakeState, shownMessage } from "./state.ts";

const ackLimitMs = 3000;
const tokenLifeMs = 15 * 60_000;
/** For apps that only members brought along. */
const followUpLimit = 5;
const ephemeralFlag = 64;

/** POST /interactions/:id/:token/callback */
export function callback(state: FakeState, id: string, token: string, request: ApiRequest): undefined {
  const interaction = state.interactions.get(id);
  const ackMs = interaction ? state.now() - interaction.sentAt : 0;
  if (interaction?.token !== token || ackMs > ackLimitMs) throw new ApiError(404, 10062, "Unknown interaction");
  if (interaction.ackMs !== undefined) {
    throw new ApiError(400, 40060, "Interaction has already been acknowledged.");
  }
  answer(state, interaction, request);
  interaction.ackMs = ackMs;
  state.changed();
}

function answer(state: FakeState, interaction: FakeInteraction, request: ApiRequest): void {
  const response = request.body as APIInteractionResponse;
  const fits = interaction.kind === "autocomplete" ? response.type === 8 : response.type !== 8;
  if (!fits) refuse(state, [`answer ${response.type} to ${interaction.kind}`]);
  switch (response.type) {
    case 4:
    case 5:
      interaction.reply = firstReply(state, interaction, request, response.type === 5);
      break;
    case 6:
    case 7:
      if (!interaction.source) refuse(state, [`answer ${response.type} without a message`]);
      interaction.reply = interaction.source;
      if (response.type === 7 && interaction.source) editMessage(state, interaction.source, inner(request));
      break;
    case 8:
      refuse(state, [...choiceProblems((response.data.choices ?? []) as { name: string; value: string }[])]);
      interaction.choices = (response.data.choices ?? []) as { name: string; value: string }[];
      break;
    case 9:
      if (interaction.kind === "modal") refuse(state, ["a modal in answer to a modal"]);
      refuse(state, [...modalProblems(response.data)]);
      interaction.modal = response.data;
      break;
    default:
      refuse(state, [`answer of type ${response.type}`]);
  }
}

function inner(request: ApiRequest): ApiRequest {
  return { ...request, body: (request.body as { data?: unknown }).data ?? {} };
}

function firstReply(state: FakeState, { channel }: FakeInteraction, request: ApiRequest, thinking: boolean) {
  const message = inner(request);
  const { flags = 0 } = message.body as { flags?: number };
  if (thinking && (flags & ~ephemeralFlag) !== 0) refuse(state, [`flags ${flags} while thinking`]);
  const ephemeral = (flags & ephemeralFlag) !== 0 || isHushed(channel);
  const made = { channel, author: state.botId, ephemeral, thinking };
  if (thinking) return storeMessage(state, made);
  checkMessage(state, message);
  return storeMessage(state, made, message);
}

/** POST /webhooks/:application/:token */
export function followUp(state: FakeState, token: string, request: ApiRequest): unknown {
  const interaction = living(state, token);
  const { channel, followUps } = interaction;
  const { flags = 0 } = checkMessage(state, request);
  const resident = channel.kind === "dm" || channel.guild?.installed === true;
  if (!resident && followUps.length >= followUpLimit) {
    throw new ApiError(400, 40094, "This interaction has hit the maximum number of follow up messages");
  }
  const ephemeral = (Number(flags) & ephemeralFlag) !== 0 || isHushed(channel);
  const message = storeMessage(state, { channel, author: state.botId, ephemeral }, request);
  followUps.push(message);
  return shownMessage(state, message);
}

/** A server that does not let members use external apps shows what these say to their member alone. */
function isHushed({ guild }: FakeChannel): boolean {
  return guild?.installed === false && guild.externalApps === false;
}

/** PATCH /webhooks/:application/:token/messages/:id */
export function editReply(state: FakeState, token: string, id: string, request: ApiRequest): unknown {
  const message = replyOf(state, living(state, token), id);
  editMessage(state, message, request);
  return shownMessage(state, message);
}

/** GET /webhooks/:application/:token/messages/:id */
export function seeReply(state: FakeState, token: string, id: string): unknown {
  return shownMessage(state, replyOf(state, living(state, token), id));
}

/** DELETE /webhooks/:application/:token/messages/:id */
export function deleteReply(state: FakeState, token: string, id: string): undefined {
  removeMessage(state, replyOf(state, living(state, token), id));
}

function replyOf(state: FakeState, { reply, followUps }: FakeInteraction, id: string): FakeMessage {
  const message = id === "@original" ? reply : followUps.find((each) => each.id === id);
  if (!message || !state.messages.includes(message)) throw new ApiError(404, 10008, "Unknown Message");
  return message;
}

function living(state: FakeState, token: string): FakeInteraction {
  const interaction = [...state.interactions.values()].find((each) => each.token === token);
  if (!interaction || interaction.ackMs === undefined) throw new ApiError(404, 10015, "Unknown Webhook");
  if (state.now() - interaction.sentAt > tokenLifeMs) {
    state.violations.push(`a token was used ${state.now() - interaction.sentAt} ms after its interaction`);
    throw new ApiError(401, 50027, "Invalid Webhook Token");
  }
  return interaction;
}
