// How sure is a share that was counted? Its interval at 95 %.

/** A count out of others, with the ends of Wilson's interval at 95 %; all shares from 0 to 1. */
export interface CountedShare {
  readonly count: number;
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

/** The 97.5th percentile of the normal distribution. */
const Z = 1.959963984540054;

/** Wilson's score interval; of nothing it is everything. */
export const shareOf = (count: number, of: number): CountedShare => {
  if (of === 0) return { count, share: 0, low: 0, high: 1 };
  const share = count / of;
  const scale = 1 + (Z * Z) / of;
  const centre = (share + (Z * Z) / (2 * of)) / scale;
  const reach = (Z * Math.sqrt((share * (1 - share)) / of + (Z * Z) / (4 * of * of))) / scale;
  return {
    count,
    share,
    low: count === 0 ? 0 : Math.max(0, centre - reach),
    high: count === of ? 1 : Math.min(1, centre + reach),
  };
};
