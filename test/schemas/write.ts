// Writes the JSON Schemas that ship (`npm run schemas`).

import { writeFileSync } from 'node:fs';
import { ROOT } from '../tidy/house.ts';
import { shippedSchemas } from './shipped.ts';

for (const [name, text] of shippedSchemas()) writeFileSync(`${ROOT}reports/${name}`, text);
