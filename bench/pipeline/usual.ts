import { REST, Routes } from "discord.js";
import OpenAI from "openai";
import { answerParent } from "../children.ts";
import { measured, residentMegabytes } from "../measure.ts";

/** The usual way, as it stands in tutorials: OpenAI's client, Buffer.from, the files of discord.js. */
const { SERVERS = "" } = process.env;
const openai = new OpenAI({ apiKey: "sk-bench", baseURL: `${SERVERS}/v1`, maxRetries: 0 });
const rest = new REST({ api: `${SERVERS}/api`, timeout: 180_000, retries: 0 }).setToken("bench");

async function job(n: number): Promise<void> {
  const answer = await openai.images.generate({ model: "gpt-image-2", prompt: "a red bicycle", n, size: "auto" });
  const files = (answer.data ?? []).map(({ b64_json = "" }, index) => ({
    name: `image-${index + 1}.png`,
    data: Buffer.from(b64_json, "base64"),
  }));
  await rest.post(Routes.channelMessages("1200000000000000001"), { body: { content: "a red bicycle" }, files });
}

answerParent(residentMegabytes(), (question) => measured(() => job(question as number)));
