// What is ln Γ(x): by Lanczos, with `Math.exp` and `Math.log` only, alike on all supported Nodes.

/**
 * ln Γ(x) for x > 0, to about 1e-13 absolute near 1 and 1e-14 relative beyond (measured in the
 * tests). Lanczos approximation with g = 7 and nine coefficients (Godfrey, 2001).
 */
export const logGamma = (x: number): number => {
  const z = x - 1;
  let sum = FIRST;
  for (const [index, coefficient] of REST.entries()) sum += coefficient / (z + index + 1);
  const t = z + 7.5;
  return HALF_LOG_TWO_PI + (z + 0.5) * Math.log(t) - t + Math.log(sum);
};

const HALF_LOG_TWO_PI = 0.9189385332046728;
const FIRST = 0.9999999999998099;
const REST: readonly number[] = [
  676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
  -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
];
