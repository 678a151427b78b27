// Which JSON Schemas ship, and what does each say: those of what users write, and of what commands write.

import { readdirSync, readFileSync } from 'node:fs';
import { targetJsonSchema } from '../../sim/load.ts';
import { jsonSchemaOf } from '../../sim/report.ts';
import { contractJsonSchema, scenarioJsonSchema } from '../../sim/scenario.ts';
import { ROOT } from '../tidy/house.ts';
import { declarationsIn, documented } from './documented.ts';
import { FORMS } from './forms.ts';

/** By the name of the file in `reports`, the text that it is to have. */
export const shippedSchemas = (): ReadonlyMap<string, string> => {
  const declarations = declarationsIn(
    readdirSync(`${ROOT}sim`, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .map((path) => ({ path, text: readFileSync(`${ROOT}sim/${path}`, 'utf8') })),
  );
  const schemas: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
    ['scenario', scenarioJsonSchema()],
    ['contract', contractJsonSchema()],
    ['target', targetJsonSchema()],
    ...FORMS.map((form) => [form.name, documented(jsonSchemaOf(form), declarations)] as const),
  ];
  return new Map(
    schemas.map(([name, schema]) => [
      `${name}.schema.json`,
      `${JSON.stringify(schema, null, 2)}\n`,
    ]),
  );
};
