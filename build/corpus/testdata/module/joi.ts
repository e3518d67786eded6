import Joi from 'joi';

export default async () => {
  const schema = Joi.object({ email: Joi.string().email({ tlds: { allow: ['com'] } }).required(), age: Joi.number().integer().min(3), when: Joi.date().iso() }).with('age', 'when');
  const good = schema.validate({ email: 'cow@farm.com', age: '4', when: '2024-01-01' });
  const bad = schema.validate({ email: 'cow@farm.nope', age: 1 }, { abortEarly: false });
  return `${JSON.stringify(good.value)} ${bad.error?.message}`;
};
