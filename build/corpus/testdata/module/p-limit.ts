import pLimit from 'p-limit';

export default async () => {
  const limit = pLimit(2);
  let active = 0;
  let most = 0;
  const results = await Promise.all([1, 2, 3, 4, 5].map((n) => limit(async () => {
    most = Math.max(most, ++active);
    await new Promise((resolve) => setImmediate(resolve));
    active--;
    return n * n;
  })));
  return `${results.join(',')} ${most} ${limit.pendingCount}`;
};
