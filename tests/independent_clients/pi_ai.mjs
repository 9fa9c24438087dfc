// Signs in with pi-ai and has every model named on the command line read a file, think and answer.
// Usage: node --import ./redirect_fetch.mjs pi_ai.mjs PACKAGE_FOLDER MODEL...
// Prints one JSON object for each model and kind: {model, reasoning, text, thinking, kinds, error}.
import { pathToFileURL } from "node:url";

const [folder, ...models] = process.argv.slice(2);
const { getModel, streamSimple } = await import(pathToFileURL(`${folder}/dist/index.js`));
const { loginGitHubCopilot, refreshGitHubCopilotToken } = await import(
  pathToFileURL(`${folder}/dist/oauth.js`)
);

async function pressAuthorize(instructions) {
  const userCode = /[A-Z]{4}-[A-Z]{4}/.exec(instructions)[0];
  const form = new URLSearchParams({ user_code: userCode, decision: "authorize" });
  await fetch(`${process.env.SIMULATOR}/login/device`, { method: "POST", body: form });
}

const signedIn = await loginGitHubCopilot({
  onPrompt: async () => "",
  onProgress: () => {},
  onAuth: (_url, instructions) => pressAuthorize(instructions),
});
const { access: apiKey } = await refreshGitHubCopilotToken(signedIn.refresh);

const parameters = {
  type: "object",
  properties: { path: { type: "string" } },
  required: ["path"],
};
const tools = [{ name: "read_file", description: "Read a file", parameters }];
const user = (content, timestamp) => ({ role: "user", content, timestamp });

function result(call) {
  const text = call.arguments.path.includes("secret") ? "The secret word is: plum" : "nothing";
  const content = [{ type: "text", text }];
  return { role: "toolResult", toolCallId: call.id, toolName: call.name, content, isError: false, timestamp: 2 };
}

async function converse(id, reasoning) {
  const model = getModel("github-copilot", id);
  const messages = [user("Read /tmp/secret.txt and /tmp/other.txt and say the secret word", 1)];
  const kinds = new Set();
  const texts = [];
  let thinking = false;
  for (let turn = 0; turn < 3; turn++) {
    const stream = streamSimple(model, { systemPrompt: "be brief", messages, tools }, { apiKey, reasoning });
    for await (const event of stream) kinds.add(event.type);
    const message = await stream.result();
    if (message.stopReason === "error") return { model: id, reasoning, error: message.errorMessage };
    messages.push(message);
    thinking ||= message.content.some((part) => part.type === "thinking");
    texts.push(message.content.filter((part) => part.type === "text").map((part) => part.text).join(""));
    const calls = message.content.filter((part) => part.type === "toolCall");
    messages.push(...calls.map(result));
    // The last turn replays everything before it.
    if (turn === 1) messages.push(user("Repeat exactly the following text and nothing else: żółć 🎉", 3));
  }
  return { model: id, reasoning, texts, thinking, kinds: [...kinds] };
}

for (const id of models)
  for (const reasoning of [undefined, "medium"])
    console.log(JSON.stringify(await converse(id, reasoning)));
