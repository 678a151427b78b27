#!/usr/bin/env node
// The `poolproof` executable: runs the TypeScript command line as it is, on any supported Node.
// It hears Ctrl-C before it loads anything: from the first moment on, what was asked ends in order.

let stopping = false;
const stop = (endsWith) => () => {
  // A second one ends at once.
  if (stopping) process.exit(endsWith);
  stopping = true;
};
process.on('SIGINT', stop(130));
// What ends a container, a service or a job of CI asks no less politely than Ctrl-C.
process.on('SIGTERM', stop(143));

const { register } = await import('tsx/esm/api');
register();
const { main } = await import('./cli.ts');
await main(() => stopping);
