// How true is the simulation: every simulated rule with its source and its standing, printed.

import Table from 'cli-table3';
import { GPT_OSS_120B, MINISTRAL_8B } from '../../mocks/profiles.ts';
import type { Rule } from '../domain/fidelity.ts';
import { UsageError } from '../domain/usage-error.ts';
import { AS_PUBLISHED_RULES } from '../platforms/as-published.ts';
import { REFERENCE_RULES } from '../platforms/reference.ts';
import { MODEL_DOOR_RULES } from '../services/model-door.ts';

/** What each shipped platform says of itself. */
const RULES: ReadonlyMap<string, readonly Rule[]> = new Map([
  // The model host's doors stand before any platform that is served.
  ['reference', [...REFERENCE_RULES, ...MODEL_DOOR_RULES]],
  ['as-published', [...AS_PUBLISHED_RULES, ...MODEL_DOOR_RULES]],
]);

/** The rules of a shipped platform and of the model host. Throws `UsageError` for another name. */
export const fidelityRules = (platform = 'reference'): readonly Rule[] => [
  ...rulesOf(platform),
  ...[MINISTRAL_8B, GPT_OSS_120B].map(
    ({ id, timeToFirstTokenUs, outputTokensPerSecond, source }): Rule => ({
      service: 'model',
      rule: `${id}: first token after ${timeToFirstTokenUs.median / 1000} ms at the median, ${outputTokensPerSecond} output tokens a second`,
      source,
      standing: 'assumed',
    }),
  ),
  {
    service: 'model',
    rule: 'a token is 4 characters, rounded up',
    source: 'assumed',
    standing: 'assumed',
  },
];

const rulesOf = (platform: string): readonly Rule[] => {
  const rules = RULES.get(platform);
  if (rules !== undefined) return rules;
  const names = [...RULES.keys()].map((name) => `\`${name}\``).join(', ');
  const message = `unknown platform \`${platform}\``;
  throw new UsageError([{ file: '--platform', message, hint: `expected one of ${names}` }]);
};

export const fidelityText = (rules: readonly Rule[], columns: number): string => {
  const room = Math.max(40, columns - 36);
  const table = new Table({
    head: ['service', 'standing', 'rule', 'source'],
    colWidths: [13, 13, Math.ceil(room * 0.6), Math.floor(room * 0.4)],
    wordWrap: true,
    wrapOnWordBoundary: false,
    style: { head: [], border: [] },
  });
  for (const { service, standing, rule, source } of rules)
    table.push([service, standing, rule, source]);
  const counts = ['documented', 'observed', 'assumed'].map(
    (standing) => `${rules.filter((rule) => rule.standing === standing).length} ${standing}`,
  );
  return `${rules.length} simulated rules: ${counts.join(', ')}.\n${table.toString()}\n`;
};
