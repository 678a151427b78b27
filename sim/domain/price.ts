// What does a model call cost: list prices, and the charge of one call in whole micro-dollars.

/** Nano-dollars a token. */
interface Price {
  readonly input: number;
  readonly output: number;
}

/**
 * USD per million tokens, standard tier, us-east-1: GPT OSS 120B 0.15 in and 0.60 out (LiteLLM's
 * Mantle page), Ministral 3 8B 0.15 and 0.15 (three public catalogues). Verify before billing.
 */
const PRICES: Readonly<Record<string, Price>> = {
  'mistral.ministral-3-8b-instruct': { input: 150, output: 150 },
  'openai.gpt-oss-120b': { input: 150, output: 600 },
};

/** The charge of one call, rounded half up to a whole micro-dollar; an unknown model is an error. */
export const costMicroUsd = (
  modelId: string,
  inputTokens: number,
  outputTokens: number,
): number => {
  const cost = listedMicroUsd(modelId, inputTokens, outputTokens);
  if (cost === undefined) throw new Error(`no price for the model ${modelId}`);
  return cost;
};

/** The same for a model that may have no price. */
export const listedMicroUsd = (
  modelId: string,
  inputTokens: number,
  outputTokens: number,
): number | undefined => {
  const price = PRICES[modelId];
  return price && Math.round((inputTokens * price.input + outputTokens * price.output) / 1000);
};
