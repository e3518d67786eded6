import BigNumber from 'bignumber.js';

export default async () => {
  const Exact = BigNumber.clone({ DECIMAL_PLACES: 30, ROUNDING_MODE: BigNumber.ROUND_HALF_EVEN });
  return `${new BigNumber('0.1').plus('0.2').toString()} ${new Exact(2).sqrt().toString()} ${new BigNumber('ff', 16).pow(20).toFormat(0)}`;
};
