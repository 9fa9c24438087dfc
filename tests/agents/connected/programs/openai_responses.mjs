// OpenAI's SDK, Responses, streamed, nothing stored; one client and one conversation for all turns.
import OpenAI from "openai";
import { answerAll, picture, readFile, schema } from "./turns.mjs";

const client = new OpenAI();
const tools = [{ type: "function", name: "read_file", parameters: schema, strict: true }];
const include = ["reasoning.encrypted_content"];
const said = [];

await answerAll(async (turn) => {
  const content = [{ type: "input_text", text: turn.prompt }];
  const seen = picture(turn);
  if (seen) content.push({ type: "input_image", image_url: `data:image/png;base64,${seen}` });
  said.push({ role: "user", content });
  for (;;) {
    const asked = { model: turn.model, input: said, tools, store: false, include };
    const done = await client.responses.stream(asked).finalResponse();
    said.push(...done.output.map(({ parsed_arguments: _, ...item }) => item));
    const calls = done.output.filter((item) => item.type === "function_call");
    if (!calls.length) return done.output_text;
    for (const call of calls) {
      const output = readFile(JSON.parse(call.arguments));
      said.push({ type: "function_call_output", call_id: call.call_id, output });
    }
  }
});
