import { GraphQLError, buildSchema, graphql, parse, print } from 'graphql';
import { isObjectType } from 'graphql/type/index.js';

export default async () => {
  const schema = buildSchema('type Query { cow(name: String!): Cow } type Cow { name: String, spots: [Int!] }');
  const rootValue = { cow: ({ name }: { name: string }) => (name === 'x' ? new GraphQLError('no such cow') : { name, spots: [1, 2] }) };
  const good = await graphql({ schema, source: 'query($n: String!) { cow(name: $n) { name spots } }', variableValues: { n: 'Bella' }, rootValue });
  const bad = await graphql({ schema, source: '{ cow(name: "x") { name } }', rootValue });
  return `${JSON.stringify(good)} ${bad.errors?.[0]?.message} ${print(parse('{a{b}}'))} ${isObjectType(schema.getType('Cow'))}`;
};
