// Which tools are there: what each is called, what it takes, and in which tiers it exists.

import type { TierId } from './caller.ts';

/**
 * The part of JSON Schema that a tool's input may use. Objects are closed. These are aliases and no
 * interfaces, so that a schema is also a plain JSON object to who reads it as such.
 */
export type InputSchema = ObjectSchema | ArraySchema | StringSchema | NumberSchema | BooleanSchema;

export type ObjectSchema = {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, InputSchema>>;
  readonly required: readonly string[];
  readonly additionalProperties: false;
};

export type ArraySchema = {
  readonly type: 'array';
  readonly items: InputSchema;
  readonly maxItems?: number;
};

export type StringSchema = {
  readonly type: 'string';
  readonly description?: string;
  /** In UTF-16 units. */
  readonly minLength?: number;
  readonly maxLength?: number;
};

export type NumberSchema = {
  readonly type: 'integer' | 'number';
  readonly description?: string;
  readonly minimum?: number;
  readonly maximum?: number;
};

export type BooleanSchema = {
  readonly type: 'boolean';
  readonly description?: string;
};

/** A tool, before it stands behind a target. The description is constant: a sink nobody writes. */
export interface ToolDefinition {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: ObjectSchema;
  readonly tiers: readonly TierId[];
}

/** A tool as it stands behind a gateway's target. */
export interface TargetTool {
  readonly target: string;
  readonly name: string;
  readonly inputSchema: ObjectSchema;
}

/** The name of a tool on the wire and of its Cedar action: `Target___tool`. */
export const actionOf = (tool: Pick<TargetTool, 'target' | 'name'>): string =>
  `${tool.target}___${tool.name}`;

const closed = (
  properties: Readonly<Record<string, InputSchema>>,
  required: readonly string[],
): ObjectSchema => ({ type: 'object', properties, required, additionalProperties: false });

const text = (description: string, maxLength: number): StringSchema => ({
  type: 'string',
  description,
  minLength: 1,
  maxLength,
});

// Bounds on lengths and counts are assumed, but for 100 records a page, at which the published
// sample's tool caps, and at most 5 results, the reference's own decision.
const CLINIC = text('The clinic whose data is asked for.', 64);

/**
 * The healthcare platform's tools. What belongs to a tenant takes a `clinic_id`, so that Cedar can
 * compare it with the caller's own; the data path never reads it.
 */
export const HEALTHCARE_TOOLS: readonly ToolDefinition[] = [
  {
    name: 'patient_context',
    description: 'Reads one patient record of the clinic, or lists its patients.',
    inputSchema: closed(
      {
        clinic_id: CLINIC,
        patient_id: text('The patient to read.', 64),
        list_patients: { type: 'boolean', description: 'Lists patients instead of reading one.' },
        limit: {
          type: 'integer',
          description: 'How many patients to list at most.',
          minimum: 1,
          maximum: 100,
        },
      },
      ['clinic_id'],
    ),
    tiers: ['basic', 'premium'],
  },
  {
    name: 'clinic_config',
    description: "Reads the clinic's configuration: its name, providers and hours.",
    inputSchema: closed({ clinic_id: CLINIC }, ['clinic_id']),
    tiers: ['basic', 'premium'],
  },
  {
    name: 'retrieve_clinic_documents',
    description: 'Searches the documents of the clinic.',
    inputSchema: closed(
      {
        clinic_id: CLINIC,
        query: text('What to look for.', 1000),
        max_results: {
          type: 'integer',
          description: 'How many passages to return at most.',
          minimum: 1,
          maximum: 5,
        },
      },
      ['clinic_id', 'query'],
    ),
    tiers: ['basic', 'premium'],
  },
  {
    name: 'web_search',
    description: 'Searches the public web. Never put patient data into the keywords.',
    inputSchema: closed({ keywords: text('What to search for.', 256) }, ['keywords']),
    tiers: ['premium'],
  },
  {
    name: 'current_time',
    description: 'Tells the present time.',
    inputSchema: closed({}, []),
    tiers: ['basic', 'premium'],
  },
];

/** The healthcare gateways' targets by tier. Source: the published sample's gateway script. */
export const HEALTHCARE_TARGETS = {
  basic: 'HealthcareLambda-Basic',
  premium: 'HealthcareLambda-Premium',
} as const;

/** Each tool behind the target of every tier that has it; `targets` is by tier. */
export const behindTargets = (
  tools: readonly ToolDefinition[],
  targets: Readonly<Record<TierId, string>>,
): readonly TargetTool[] =>
  Object.entries(targets).flatMap(([tier, target]) =>
    tools
      .filter(({ tiers }) => tiers.includes(tier))
      .map(({ name, inputSchema }) => ({ target, name, inputSchema })),
  );
