import debug from 'debug';

export default async () => {
  const said: string[] = [];
  debug.enable('farm:*,-farm:pig');
  debug.log = (...args: unknown[]) => said.push(args.join(' ').replace(/^.*Z /, '').replace(/ ?\+?\d+ms$/, ''));
  debug('farm:cow')('says %s %o', 'moo', { a: 1 });
  debug('farm:pig')('oink');
  // eslint-disable-next-line no-control-regex
  return JSON.stringify(said.map((line) => line.replace(/\x1b\[[0-9;]*m/g, '').replace(/\+\d+ms/, '')));
};
