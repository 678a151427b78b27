#!/usr/bin/env node
// The `poolproof` executable: runs the TypeScript command line as it is, on any supported Node.
import { register } from 'tsx/esm/api';

register();
await import('./cli.ts');
