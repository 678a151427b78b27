// What is a user's policy folder: policies, tools and gateways as one value, every complaint at once.

import type { TargetTool } from './domain/tool.ts';
import { UsageError } from './domain/usage-error.ts';
import { behindGateways, type Gateway, HEALTHCARE_GATEWAYS } from './policy/gateways.ts';
import { readToolsFile } from './policy/tools-file.ts';
import { loadPolicies, type PolicyFile, type PolicySet } from './protocol/cedar.ts';

export {
  behindGateways,
  type Gateway,
  type GatewayTool,
  HEALTHCARE_GATEWAYS,
} from './policy/gateways.ts';

/** A policy folder as read and understood. */
export interface PolicyFolder {
  /** As the user named it. */
  readonly folder: string;
  readonly files: readonly PolicyFile[];
  /** Sound policies; one without `@id` is called by its `file:line`. */
  readonly policies: PolicySet;
  readonly gateways: readonly Gateway[];
  /** IAM documents by file, as parsed JSON; `undefined` when the folder has none. */
  readonly iam: Readonly<Record<string, unknown>> | undefined;
}

/** What stands in a policy folder, unread. */
export interface FolderTexts {
  readonly folder: string;
  readonly cedar: readonly PolicyFile[];
  /** `tools.json` or `tools.yaml`; without it the healthcare tools stand behind two gateways. */
  readonly tools: PolicyFile | undefined;
  readonly iam: PolicyFolder['iam'];
}

/**
 * Reads a folder's texts. Throws one UsageError with every complaint about policies; broken tools
 * are complained of alone, for nothing can be held against them.
 */
export const policyFolder = ({ folder, cedar, tools, iam }: FolderTexts): PolicyFolder => {
  const gateways =
    tools === undefined ? HEALTHCARE_GATEWAYS : readToolsFile(tools.text, tools.file);
  try {
    const policies = loadPolicies(cedar, targetToolsOf(gateways), 'by id or place');
    return { folder, files: cedar, policies, gateways, iam };
  } catch (problem) {
    if (tools === undefined && problem instanceof UsageError) throw pointedAtTools(problem);
    throw problem;
  }
};

/** Every tool as it stands behind its target. */
const targetToolsOf = (gateways: readonly Gateway[]): readonly TargetTool[] =>
  behindGateways(gateways).map(({ target, name, inputSchema }) => ({ target, name, inputSchema }));

/** Whose tools are unknown, perhaps forgot to say which tools there are. */
const pointedAtTools = ({ complaints }: UsageError): UsageError =>
  new UsageError(
    complaints.map((complaint) => {
      if (!complaint.message.includes('AgentCore::Action::')) return complaint;
      const own = complaint.hint === undefined ? '' : `${complaint.hint}; `;
      return {
        ...complaint,
        hint: `${own}tools other than the healthcare platform’s stand in a \`tools.json\` beside the policies`,
      };
    }),
  );
