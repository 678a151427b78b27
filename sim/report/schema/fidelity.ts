// What is the form of the fidelity ledger: each simulated rule with its source?

import { z } from 'zod';
import type { Rule } from '../../domain/fidelity.ts';
import { type Form, shaped } from '../form.ts';

const RULE = shaped<Rule>('Rule')({
  service: z.string(),
  rule: z.string(),
  source: z.string(),
  standing: z.enum(['documented', 'observed', 'assumed']),
});

export const FIDELITY_FORM: Form<readonly Rule[]> = { name: 'fidelity', schema: z.array(RULE) };
