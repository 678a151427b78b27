// What did the gateway answer: the result or the error in its reply, read once for all checks.

import { parsed, type Reply } from '../domain/wire.ts';

type Body = ReturnType<typeof parsed>;

/** The body of a gateway's reply, or `undefined` when it is no JSON object. */
export const gatewayBody = (reply: Reply): Body => {
  if (last.reply !== reply) last = { reply, body: parsed(reply.body) };
  return last.body;
};

/** Every check sees an event before any sees the next one, so that the last reply is enough. */
let last: { readonly reply: Reply | undefined; readonly body: Body } = {
  reply: undefined,
  body: undefined,
};
