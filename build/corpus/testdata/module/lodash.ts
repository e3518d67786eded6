import _ from 'lodash';
import fp from 'lodash/fp.js';
import camelCase from 'lodash/camelCase.js';

export default async () => {
  const grouped = _.chain([6.1, 4.2, 6.3]).groupBy(Math.floor).mapValues('length').value();
  const compiled = _.template('<% _.forEach(users, (user) => { %><li><%- user %></li><% }) %>');
  return `${JSON.stringify(grouped)} ${compiled({ users: ['a&b'] })} ${fp.flow(fp.map((x: number) => x * 2), fp.sum)([1, 2])} ${camelCase('Foo bar')} ${_.isEqual({ a: [1] }, { a: [1] })}`;
};
