// The Node side of the pi_ai backend: one process, many requests, JSON lines over stdin and stdout.
//
// Started as `node bridge.mjs FOLDER`, FOLDER holding node_modules with pi-ai. Lines in:
//   {op: "stream", id, api, model, url, baseUrl, headers, key, developer, context, members, mark, raws}
//   {op: "abort", id}     {op: "ack", id, n}: n characters of output were taken
// Lines out: {ready, node}, then for each request, in this order
//   {id, http: {status, headers}, body?}
//   {id, network: {code, message}}: there is no answer, or it broke off
//   {id, note}: one of upstream's events that holds what the library drops (ids, bills, stop sequences)
//   {id, e, i, ...}: the library's events without `partial`, the whole growing message
//   {id, alive}: bytes came that said nothing      {id, end: true}: nothing follows
// Secrets come in over stdin and never leave but in the headers of the request.
import { AsyncLocalStorage } from "node:async_hooks";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const WINDOW = 1024 * 1024; // characters in flight for one request before its upstream is not read on
const WHOLE = 8 * 1024 * 1024; // bytes of an answer that is no event stream
const ERROR_BODY = 256 * 1024;
const NOTED_LINE = 16 * 1024 * 1024;
const ALIVE_MS = 2000;
const FIELDS = ["data", "event", "id", "retry", ":"];
const HOP = new Set(["content-encoding", "content-length", "transfer-encoding", "connection", "keep-alive"]);
const NO_USAGE = {
  input: 0, output: 0, cacheRead: 0, cacheWrite: 0, totalTokens: 0,
  cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, total: 0 },
};
const COMPAT = {
  supportsStore: false, supportsEagerToolInputStreaming: false,
  supportsCacheControlOnTools: false, sendSessionIdHeader: false, sendSessionAffinityHeaders: false,
};

const current = new AsyncLocalStorage();
const network = globalThis.fetch;
const running = new Map();
const out = { write: process.stdout.write.bind(process.stdout), once: process.stdout.once.bind(process.stdout) };
// What a library prints must not stand between our lines: an answer could not be told from it.
process.stdout.write = process.stderr.write.bind(process.stderr);
let batch = [];
let tick = null;
let drained = null;

/** Writes one line; resolves when stdout takes more. All that one turn of the loop brings is one write. */
function put(line, state) {
  const text = JSON.stringify(line) + "\n";
  if (state) {
    state.inFlight += text.length;
    state.spoke = Date.now();
  }
  batch.push(text);
  return (tick ??= new Promise((done) => setImmediate(() => {
    const text = batch.join("");
    batch = [];
    tick = null;
    if (out.write(text)) return done();
    drained ??= new Promise((ok) => out.once("drain", () => { drained = null; ok(); }));
    return drained.then(done);
  })));
}

class Request {
  constructor(job) {
    this.job = job;
    this.abort = new AbortController();
    this.inFlight = 0;
    this.spoke = Date.now();
    this.wake = null;
    this.isBehind = false; // whether events of the library wait to be written
    this.named = new Set(); // blocks whose call was named
    this.argued = new Set(); // blocks whose arguments came in pieces
  }

  ack(n) {
    this.inFlight = Math.max(0, this.inFlight - n);
    this.look();
  }

  /** Resolves once the other side has taken enough, and the library's queue, which has no bound, is
   * empty: until then upstream is not read. */
  async room() {
    await new Promise(setImmediate); // so that the library has read what it was given before
    while ((this.inFlight >= WINDOW || this.isBehind) && !this.abort.signal.aborted) {
      await new Promise((ok) => { this.wake = ok; });
    }
  }

  look() {
    if (this.wake) { this.wake(); this.wake = null; }
  }

  stop() {
    this.abort.abort();
    this.look();
  }
}

/** Finds the events of upstream whose members the library drops. One for each answer. */
class Watch {
  constructor(request) {
    this.request = request;
    this.decoder = new TextDecoder();
    this.rest = "";
    this.isFirst = true;
    this.wanted = {
      "openai-completions": /"finish_reason":\s*"|"usage":\s*\{|"error":|"(reasoning_opaque|refusal)":\s*"|"annotations":\s*\[\s*\{/,
      "anthropic-messages": /"message_start"|"message_delta"|"citations_delta"|"error"/,
      "openai-responses": /"response\.(created|completed|incomplete|failed|cancelled|output_item\.done)"|"error"/,
    }[request.job.api];
  }

  feed(bytes) {
    const text = this.rest + this.decoder.decode(bytes, { stream: true });
    const end = Math.max(text.lastIndexOf("\n"), text.lastIndexOf("\r"));
    this.rest = text.slice(end + 1);
    if (this.rest.length > NOTED_LINE) this.rest = "";
    if (end >= 0) this.lines(text.slice(0, end));
  }

  close() {
    this.lines(this.rest + this.decoder.decode());
    this.rest = "";
  }

  lines(text) {
    if (!this.isFirst && !this.wanted.test(text)) return;
    for (const line of text.split(/\r\n|\r|\n/)) {
      if (!line.startsWith("data:")) continue;
      const data = line.slice(5).trim();
      if (!data.startsWith("{") || !(this.isFirst || this.wanted.test(data))) continue;
      // On chat the first chunk has no choices, and an id of its own or none.
      this.isFirst = this.isFirst && this.request.job.api === "openai-completions" && !/"choices":\s*\[\s*\{/.test(data);
      put({ id: this.request.job.id, note: data }, this.request);
    }
  }
}

globalThis.fetch = async (input, init) => {
  const request = current.getStore();
  if (!request) return network(input, init);
  const { job } = request;
  let response;
  try {
    response = await network(job.url, {
      method: "POST",
      headers: job.headers, // ours alone: nothing of the library or the machine is added
      body: withRaws(init.body, job),
      signal: init.signal,
      redirect: "manual", // a redirect would forward the token
    });
  } catch (error) {
    throw said(request, error);
  }
  return answered(request, response);
};

/** Tells of a connection that failed or broke, which the library words as it likes. */
function said(request, error) {
  if (!request.abort.signal.aborted) {
    const cause = error?.cause ?? error;
    put({ id: request.job.id, network: { code: String(cause?.code ?? ""), message: String(cause?.message ?? error) } }, request);
  }
  return error;
}

async function answered(request, response) {
  const headers = [...response.headers].filter(([name]) => !HOP.has(name));
  const head = { id: request.job.id, http: { status: response.status, headers } };
  const reader = response.body?.getReader();
  const read = () => reader.read().catch((error) => { throw said(request, error); });
  const held = []; // what was read until the body's form is known; a first piece may be a single byte
  let start = "";
  let hasEnded = !reader;
  while (!hasEnded && start === "" && held.length < 64) {
    const { done, value } = await read();
    hasEnded = done;
    if (!done) held.push(value);
    start = new TextDecoder().decode(joined(held).subarray(0, 256)).replace(/^\uFEFF/, "").trimStart();
  }
  if (response.status !== 200 || !isEvents(start, response.headers.get("content-type") ?? "")) {
    const limit = response.status === 200 ? WHOLE : ERROR_BODY;
    put({ ...head, body: await wholeText(hasEnded ? null : reader, held, limit) }, request);
    request.stop();
    return new Response("{}", { status: 400, headers: { "content-type": "application/json" } });
  }
  put(head, request);
  const watch = new Watch(request);
  const body = new ReadableStream({
    async pull(controller) {
      await request.room();
      const { done, value } = held.length ? { value: held.shift() } : await read();
      if (done) {
        watch.close();
        return controller.close();
      }
      watch.feed(value);
      if (Date.now() - request.spoke > ALIVE_MS) put({ id: request.job.id, alive: true }, request);
      return controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
  return new Response(body, { status: 200, headers: { "content-type": "text/event-stream" } });
}

/** Whether a body is an event stream, by its beginning: gateways send wrong types for JSON and HTML. */
function isEvents(start, type) {
  if (start === "" || start[0] === "{" || start[0] === "[") return false;
  const looksSo = FIELDS.some((field) => start.startsWith(field) || field.startsWith(start));
  return looksSo || (type.startsWith("text/event-stream") && start[0] !== "<");
}

function joined(pieces) {
  return pieces.length === 1 ? pieces[0] : Buffer.concat(pieces);
}

async function wholeText(reader, held, limit) {
  const pieces = [...held];
  let size = pieces.reduce((sum, each) => sum + each.length, 0);
  while (reader && size < limit) {
    const { done, value } = await reader.read();
    if (done) break;
    pieces.push(value);
    size += value.length;
  }
  await reader?.cancel().catch(() => {});
  return new TextDecoder().decode(joined(pieces).subarray(0, limit));
}

/** Puts JSON that must stay as it came, byte for byte, where its marks stand in the library's body. */
function withRaws(body, job) {
  const marks = new RegExp(`"(?:\\\\")?${job.mark}[gv]:(\\d+)(?:\\\\")?"`, "g");
  return body.replace(marks, (_, index) => job.raws[Number(index)]);
}

/** The body to send: the library's conversation, every other member as the proxy gave it. */
function assembled(payload, job) {
  const body = {};
  for (const [name, raw] of job.members) {
    if (raw >= 0) body[name] = `${job.mark}v:${raw}`;
    else if (Array.isArray(payload[name])) body[name] = placed(payload[name], job);
    else if (payload[name] !== undefined) body[name] = payload[name];
  }
  return body;
}

/** Replaces each turn that stands for one of upstream's own by a mark for that one. */
function placed(turns, job) {
  if (!job.hasGrafts) return turns;
  const marks = new RegExp(`${job.mark}(?:g:\\d+|d)`, "g");
  return turns.flatMap((turn) => {
    const found = JSON.stringify(turn).match(marks);
    return found ? found.filter((each) => !each.endsWith("d")) : [turn];
  });
}

function contextOf(job) {
  for (const message of job.context.messages) {
    message.timestamp = 0;
    if (message.role === "assistant") {
      Object.assign(message, { api: job.api, provider: "github-copilot", model: job.model, usage: NO_USAGE, stopReason: "stop" });
    }
  }
  return job.context;
}

function modelOf(job) {
  return {
    id: job.model, name: job.model, api: job.api, provider: "github-copilot", baseUrl: job.baseUrl,
    reasoning: job.developer, input: ["text", "image"], cost: NO_USAGE.cost, contextWindow: 1000000,
    maxTokens: 32000,
    // With it `strict: false` is written out: context/responses.py says tools that have it, chat.py those without.
    compat: { ...COMPAT, supportsDeveloperRole: job.developer, supportsStrictMode: job.api === "openai-responses" },
  };
}

/** One event of the library's as one line: what it adds, and what only its message holds. */
function lineOf(id, event, request) {
  const line = { id, e: event.type };
  if (event.contentIndex !== undefined) line.i = event.contentIndex;
  if (event.delta !== undefined) line.d = event.delta;
  const block = event.partial?.content?.[event.contentIndex];
  switch (event.type) {
    case "toolcall_start":
    case "toolcall_delta":
      // On chat a call's id and name may come after its first piece.
      if (!request.named.has(event.contentIndex) && block.id && block.name) {
        request.named.add(event.contentIndex);
        line.call = { id: block.id, name: block.name };
      }
      if (event.delta) request.argued.add(event.contentIndex);
      break;
    case "toolcall_end": {
      const call = event.toolCall ?? block;
      line.call = { id: call.id, name: call.name };
      if (!request.argued.has(event.contentIndex)) line.d = JSON.stringify(call.arguments ?? {});
      break;
    }
    case "thinking_start":
    case "thinking_end":
      line.sig = block?.thinkingSignature;
      line.redacted = block?.redacted;
      break;
    case "text_end":
      line.sig = block?.textSignature;
      break;
    case "done":
      line.reason = event.reason;
      break;
    case "error":
      line.reason = event.reason;
      line.message = event.error?.errorMessage;
      break;
  }
  return line;
}

async function run(job, stream) {
  const request = new Request(job);
  running.set(job.id, request);
  await current.run(request, async () => {
    try {
      const options = {
        apiKey: job.key, maxRetries: 0, timeoutMs: 24 * 3600 * 1000, cacheRetention: "none", signal: request.abort.signal,
        onPayload: (payload) => assembled(payload, job),
      };
      const events = stream(modelOf(job), contextOf(job), options)[Symbol.asyncIterator]();
      for (;;) {
        let found = null;
        const next = events.next().then((each) => { found = each; });
        for (let turn = 0; turn < 8 && !found; turn += 1) await null; // an event that is there is so soon
        if (!found) {
          request.isBehind = false;
          request.look();
          await next;
          request.isBehind = true;
        }
        if (found.done) break;
        await put(lineOf(job.id, found.value, request), request);
      }
    } catch (error) {
      await put({ id: job.id, e: "error", reason: "error", message: String(error?.message ?? error) }, request);
    }
  });
  running.delete(job.id);
  await put({ id: job.id, end: true });
}

const folder = process.argv[2];
const dist = join(folder, "node_modules", "@earendil-works", "pi-ai", "dist");
const entry = ["compat.js", "index.js"].map((name) => join(dist, name)).find((path) => existsSync(path));
if (!entry) {
  process.stderr.write("Error: pi-ai is not whole: it has no dist/index.js\n");
  process.exit(3);
}
const { stream } = await import(pathToFileURL(entry).href);
if (typeof stream !== "function") {
  process.stderr.write("Error: this pi-ai has no function stream\n");
  process.exit(3);
}

createInterface({ input: process.stdin, crlfDelay: Infinity })
  .on("line", (text) => {
    let line;
    try { line = JSON.parse(text); } catch { return; }
    if (line.op === "stream") run(line, stream);
    else if (line.op === "abort") running.get(line.id)?.stop();
    else if (line.op === "ack") running.get(line.id)?.ack(line.n);
  })
  .on("close", () => process.exit(0));
put({ ready: true, node: process.version });
