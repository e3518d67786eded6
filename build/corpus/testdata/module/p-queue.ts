import PQueue from 'p-queue';

export default async () => {
  const queue = new PQueue({ concurrency: 1, autoStart: false });
  const order: string[] = [];
  for (const [name, priority] of [['low', 0], ['high', 2], ['middle', 1]] as const) void queue.add(async () => order.push(name), { priority });
  queue.start();
  await queue.onIdle();
  return `${order.join(',')} ${queue.size}`;
};
