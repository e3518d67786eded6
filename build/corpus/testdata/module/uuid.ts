import { v4, v5, validate, version } from 'uuid';

export default async () => {
  const named = v5('conduit', '6ba7b810-9dad-11d1-80b4-00c04fd430c8');
  return `${named} ${version(v4())} ${validate(named)} ${v4() === v4()}`;
};
