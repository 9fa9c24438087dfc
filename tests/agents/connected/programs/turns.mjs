// What every program here has: it reads turns, one JSON object a line, and answers each with a line.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

export const schema = {
  type: "object",
  properties: { path: { type: "string" } },
  required: ["path"],
  additionalProperties: false,
};

export const readFile = ({ path }) => readFileSync(path, "utf8");

export const picture = (turn) => (turn.image ? readFileSync(turn.image).toString("base64") : null);

export async function answerAll(answer) {
  for await (const line of createInterface({ input: process.stdin })) {
    process.stdout.write(JSON.stringify({ answer: await answer(JSON.parse(line)) }) + "\n");
  }
}
