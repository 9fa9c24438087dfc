// OpenAI's SDK, chat completions, streamed; one client and one conversation for all turns.
import OpenAI from "openai";
import { answerAll, picture, readFile, schema } from "./turns.mjs";

const client = new OpenAI();
const tools = [{ type: "function", function: { name: "read_file", parameters: schema } }];
const said = [];

await answerAll(async (turn) => {
  const content = [{ type: "text", text: turn.prompt }];
  const seen = picture(turn);
  if (seen) content.push({ type: "image_url", image_url: { url: `data:image/png;base64,${seen}` } });
  said.push({ role: "user", content });
  for (;;) {
    const stream = client.chat.completions.stream({ model: turn.model, messages: said, tools });
    const { message } = (await stream.finalChatCompletion()).choices[0];
    const { role, content: text, tool_calls: calls } = message;
    said.push(calls?.length ? { role, content: text, tool_calls: calls } : { role, content: text });
    if (!calls?.length) return text ?? "";
    for (const call of calls) {
      const read = readFile(JSON.parse(call.function.arguments));
      said.push({ role: "tool", tool_call_id: call.id, content: read });
    }
  }
});
