import { z } from 'zod';

export default async () => {
  const schema = z.object({ name: z.string().min(2), age: z.coerce.number().int().positive(), tags: z.array(z.enum(['a', 'b'])).default([]) });
  const good = schema.parse({ name: 'cow', age: '7' });
  const bad = schema.safeParse({ name: 'c', age: -1, tags: ['x'] });
  return `${JSON.stringify(good)} ${bad.error?.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')}`;
};
