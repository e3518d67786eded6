import * as yaml from 'js-yaml';

export default async () => {
  const value = yaml.load('a: &x {b: 1}\nc: *x\nd: [.inf, 0x10, ~]\n') as Record<string, unknown>;
  let failed = '';
  try {
    yaml.load('a: [');
  } catch (error) {
    failed = error instanceof yaml.YAMLException ? error.reason : 'another error';
  }
  return `${yaml.dump(value, { noRefs: true })}${failed}`;
};
