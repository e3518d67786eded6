import workerpool from 'workerpool';

export default async () => {
  const pool = workerpool.pool({ maxWorkers: 2, workerType: 'thread' });
  const sums = await Promise.all([[1, 2], [3, 4]].map(([a, b]) => pool.exec((x: number, y: number) => x + y, [a, b]) as Promise<number>));
  const failed = await pool.exec(() => { throw new Error('in the worker'); }, []).catch((error: Error) => error.message);
  const methods = (await (await pool.proxy() as unknown as { methods(): Promise<string[]> }).methods()).sort();
  await pool.terminate();
  return `${sums.join()} ${String(failed)} ${methods.join()}`;
};
