// Which tools does a text ask for? Directives are spelled `use <tool_name> {json}`.

import { isRecord } from '../sim/domain/wire.ts';
import type { ModelAnswer, ToolOffer } from './conversation.ts';

/** A tool call as somebody asked for it. */
export type Directive = ModelAnswer['toolCalls'][number];

/**
 * The directives of a text in order; what is not followed by a JSON object of at most 8,192
 * characters is no directive (a bound, so that no text takes quadratic time).
 */
export const directivesIn = (text: string): readonly Directive[] => {
  if (!text.includes('use ')) return [];
  const found: Directive[] = [];
  const start = new RegExp(START);
  for (let match = start.exec(text); match !== null; match = start.exec(text)) {
    const end = objectEnd(text, start.lastIndex);
    const input = end === undefined ? undefined : objectOf(text.slice(start.lastIndex, end));
    if (end === undefined || input === undefined) continue;
    found.push({ name: match[1] ?? '', input });
    start.lastIndex = end;
  }
  return found;
};

/** As `directivesIn`, and also those inside JSON strings, escaped once or twice. */
export const directivesAnywhereIn = (text: string): readonly Directive[] => {
  if (!text.includes('use ')) return [];
  const once = text.replace(ESCAPE, '$1');
  const twice = once.replace(ESCAPE, '$1');
  const texts = [...new Set([text, once, twice])];
  return texts.flatMap(directivesIn);
};

/**
 * The offered tool that a directive means: of that very name, or the only one with it behind a
 * gateway's target, as `Target___name`.
 */
export const offeredTool = (name: string, tools: readonly ToolOffer[]): string | undefined => {
  if (tools.some((tool) => tool.name === name)) return name;
  const behind = tools.filter((tool) => tool.name.endsWith(`___${name}`));
  return behind.length === 1 ? behind[0]?.name : undefined;
};

// The grammar of names is botocore's for `toolUse.name`: [a-zA-Z0-9_-]{1,64}.
const START = /\buse ([a-zA-Z0-9_-]{1,64}) (?=\{)/g;
const INPUT_CHARACTERS_MAX = 8192;
const ESCAPE = /\\(["\\/])/g;

const objectEnd = (text: string, from: number): number | undefined => {
  let depth = 0;
  let quoted = false;
  const limit = Math.min(text.length, from + INPUT_CHARACTERS_MAX);
  for (let index = from; index < limit; index += 1) {
    const character = text[index];
    if (character === '\\') index += 1;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && character === '{') depth += 1;
    else if (!quoted && character === '}') depth -= 1;
    if (depth === 0) return index + 1;
  }
  return undefined;
};

const objectOf = (text: string): Directive['input'] | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
};
