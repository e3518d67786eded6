import * as _ from 'lodash';
import { debounce } from 'lodash';
import groupBy = require('lodash/groupBy');
import semver from 'semver';
const yaml = require('yaml') as { stringify(value: unknown): string };

export default async () => `${_.sum([1, 2])} ${typeof debounce} ${JSON.stringify(groupBy(['a', 'bb'], 'length'))} ${semver.valid('v1.2')} ${yaml.stringify({ a: 1 })}`;
