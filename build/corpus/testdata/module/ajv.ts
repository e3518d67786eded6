import { Ajv } from 'ajv';
import Ajv2020 from 'ajv/dist/2020.js';

export default async () => {
  const ajv = new Ajv({ allErrors: true, useDefaults: true });
  const validate = ajv.compile({ type: 'object', required: ['a'], properties: { a: { type: 'string', pattern: '^m' }, b: { type: 'number', default: 1 } }, additionalProperties: false });
  const value = { a: 'moo' };
  const good = validate(value);
  validate({ a: 'x', c: 1 });
  const errors = ajv.errorsText(validate.errors);
  const newer = new Ajv2020.default({ strict: false }).validate({ prefixItems: [{ type: 'string' }], items: false }, ['a', 1]);
  return `${good} ${JSON.stringify(value)} ${errors} ${newer}`;
};
