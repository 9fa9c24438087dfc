// Anthropic's SDK, Messages, streamed; one client and one conversation for all turns.
import Anthropic from "@anthropic-ai/sdk";
import { answerAll, picture, readFile, schema } from "./turns.mjs";

const client = new Anthropic();
const tools = [{ name: "read_file", input_schema: schema }];
const said = [];

await answerAll(async (turn) => {
  const content = [{ type: "text", text: turn.prompt }];
  const seen = picture(turn);
  if (seen) {
    content.push({ type: "image", source: { type: "base64", media_type: "image/png", data: seen } });
  }
  said.push({ role: "user", content });
  for (;;) {
    const asked = { model: turn.model, max_tokens: 2000, messages: said, tools };
    const message = await client.messages.stream(asked).finalMessage();
    said.push({ role: "assistant", content: message.content });
    const calls = message.content.filter((block) => block.type === "tool_use");
    if (!calls.length) return message.content.map((block) => block.text ?? "").join("");
    said.push({
      role: "user",
      content: calls.map((call) => ({
        type: "tool_result",
        tool_use_id: call.id,
        content: readFile(call.input),
      })),
    });
  }
});
