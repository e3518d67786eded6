import { all, create, derivative, evaluate, matrix, inv, unit } from 'mathjs';

export default async () => {
  const exact = create(all!, { number: 'BigNumber', precision: 40 });
  return `${String(evaluate('12.7 cm to inch'))} ${derivative('x^2 + 3x', 'x').toString()} ${inv(matrix([[1, 2], [3, 4]])).toString()} ${String(exact.evaluate('1/3'))} ${unit('2 kg').toString()}`;
};
