import Handlebars from 'handlebars';

export default async () => {
  Handlebars.registerHelper('loud', (text: string) => text.toUpperCase());
  Handlebars.registerPartial('item', '<li>{{loud name}}</li>');
  const template = Handlebars.compile('{{#each cows}}{{> item}}{{else}}none{{/each}}{{#if (lookup this "x")}}{{x}}{{/if}}{{{raw}}}');
  return `${template({ cows: [{ name: 'a&b' }, { name: 'c' }], x: '<', raw: '<hr>' })} ${template({})} ${Handlebars.precompile('{{a}}').toString().length > 50}`;
};
