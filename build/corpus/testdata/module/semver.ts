import semver from 'semver';
import satisfies from 'semver/functions/satisfies.js';

export default async () => `${semver.inc('1.2.3-beta.1', 'prerelease')} ${satisfies('1.9.0', '^1.2')} ${semver.maxSatisfying(['1.0.0', '1.4.2', '2.0.0'], '1.x')} ${semver.minVersion('>=1.4 <3')} ${semver.coerce('v3.1 final')} ${semver.subset('^1.2.3', '>=1')}`;
