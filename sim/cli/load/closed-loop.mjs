// How fast does an endpoint answer a closed loop: autocannon, in a process that does nothing else.

import autocannon from 'autocannon';

process.once('message', async (job) => {
  // Without a rate it corrects nothing, and refuses to be told so.
  const { requests, latency, statusCodeStats, errors, timeouts } = await autocannon(job);
  process.send({ requests, latency, statusCodeStats, errors, timeouts }, () => process.exit(0));
});
// Who started it is gone: nobody waits for a result.
process.once('disconnect', () => process.exit(0));
