// Vercel's AI SDK: --chat, --responses, --anthropic or --compatible says with which provider;
// --stateless behind it that nothing is to be stored.
import { createAnthropic } from "@ai-sdk/anthropic";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { jsonSchema, stepCountIs, streamText, tool } from "ai";
import { readFileSync } from "node:fs";
import { answerAll, readFile, schema } from "./turns.mjs";

const { OPENAI_BASE_URL: baseURL, OPENAI_API_KEY: apiKey, ANTHROPIC_BASE_URL: host } = process.env;
const providers = {
  "--chat": () => createOpenAI().chat,
  "--responses": () => createOpenAI().responses,
  // Unlike Anthropic's own SDK, it takes the address with the version.
  "--anthropic": () => createAnthropic({ baseURL: `${host}/v1` }),
  "--compatible": () => createOpenAICompatible({ name: "proxy", baseURL, apiKey }),
};
const provider = providers[process.argv[2]]();
const tools = {
  read_file: tool({ description: "Read a file.", inputSchema: jsonSchema(schema), execute: readFile }),
};
const providerOptions = process.argv[3] === "--stateless" ? { openai: { store: false } } : {};
const said = [];

await answerAll(async (turn) => {
  const content = [{ type: "text", text: turn.prompt }];
  if (turn.image) content.push({ type: "image", image: readFileSync(turn.image) });
  said.push({ role: "user", content });
  let failure;
  const result = streamText({
    model: provider(turn.model),
    messages: said,
    tools,
    providerOptions,
    stopWhen: stepCountIs(4),
    onError: ({ error }) => (failure = error),
  });
  await result.consumeStream();
  if (failure) return `failed: ${failure}`;
  said.push(...(await result.response).messages);
  return await result.text;
});
