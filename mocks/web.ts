// What does the web answer: an outside search engine, beyond the trust boundary.

import type { Service } from '../sim/domain/ports.ts';
import { json } from '../sim/domain/wire.ts';

/** Three public results for any query. Takes 300 ms (assumed). */
export const webSearch: Service = async (call, hop) => {
  await hop.sleep(300_000);
  const query = new URLSearchParams(call.path.split('?')[1]).get('q') ?? '';
  const results = [1, 2, 3].map((rank) => `result ${rank} of ${query.length} characters asked`);
  return json(200, { results });
};
