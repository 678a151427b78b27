// What stands in the policy folder that the user named, or in the one that ships?

import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type PolicyFolder, policyFolder } from '../../policy.ts';
import { compilePolicy } from '../../protocol/iam.ts';
import { PACKAGE_ROOT, readCedar, readOwnIam, readText } from '../files.ts';
import { Complaints } from '../options.ts';

/** The folder that ships, as seen from where the user is. */
const shippedFolder = (): string => {
  const path = relative(process.cwd(), join(PACKAGE_ROOT, 'policies'));
  return path === '' ? '.' : path;
};

/** Reads a policy folder, with its tools, gateways and IAM documents. Throws one `UsageError` with every complaint. */
export const readPolicyFolder = (folder: string = shippedFolder()): PolicyFolder => {
  const complaints = new Complaints();
  const cedar = complaints.attempt(() => readCedar(folder));
  const iam = complaints.attempt(() => readOwnIam(folder));
  for (const [name, document] of Object.entries(iam ?? {}))
    complaints.attempt(() => compilePolicy(document, name));
  const tools = ['tools.json', 'tools.yaml', 'tools.yml']
    .map((name) => join(folder, name))
    .filter((path) => existsSync(path));
  const [file, second] = tools;
  if (file !== undefined && second !== undefined)
    complaints.add({ file: second, message: `tools stand in \`${file}\` too`, hint: 'keep one' });
  const texts = file === undefined ? undefined : { file, text: readText(file, 'tools') };
  const read =
    cedar === undefined
      ? undefined
      : complaints.attempt(() => policyFolder({ folder, cedar, tools: texts, iam }));
  complaints.tell();
  if (read === undefined) throw new Error('a folder without complaints was not read');
  return read;
};
