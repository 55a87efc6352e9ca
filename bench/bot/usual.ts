import { Client, Events, GatewayIntentBits } from "discord.js";
import OpenAI from "openai";

/** The usual bot, as it stands in tutorials: OpenAI's client, Buffer.from, the files of discord.js. */
const { DISCORD_API_URL = "", OPENAI_BASE_URL = "" } = process.env;
const openai = new OpenAI({ apiKey: "sk-bench", baseURL: `${OPENAI_BASE_URL}/v1`, maxRetries: 0 });
const client = new Client({
  intents: [GatewayIntentBits.Guilds],
  rest: { api: DISCORD_API_URL, timeout: 180_000 },
});

client.on(Events.InteractionCreate, async (interaction) => {
  if (!interaction.isChatInputCommand()) return;
  if (interaction.commandName !== "imagine") {
    await interaction.reply({ content: "Type /imagine and what you want to see." });
    return;
  }
  await interaction.deferReply();
  const prompt = interaction.options.getString("prompt", true);
  const n = interaction.options.getInteger("count") ?? 1;
  const answer = await openai.images.generate({ model: "gpt-image-2", prompt, n, size: "auto" });
  const files = (answer.data ?? []).map(({ b64_json = "" }, index) => ({
    name: `image-${index + 1}.png`,
    attachment: Buffer.from(b64_json, "base64"),
  }));
  await interaction.editReply({ content: prompt, files });
});
client.once(Events.ClientReady, () => process.stdout.write('{"msg":"ready"}\n'));
process.once("SIGTERM", () => process.exit(0));
await client.login("bench");
