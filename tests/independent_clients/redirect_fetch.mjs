// Preload (node --import): every fetch to another machine goes to $SIMULATOR, path and query kept.
const target = process.env.SIMULATOR;
const originalFetch = globalThis.fetch;

globalThis.fetch = (input, init) => {
  const url = new URL(input instanceof Request ? input.url : input);
  if (url.hostname === "127.0.0.1") return originalFetch(input, init);
  const redirected = target + url.pathname + url.search;
  return originalFetch(input instanceof Request ? new Request(redirected, input) : redirected, init);
};
