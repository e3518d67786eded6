import TurndownService from 'turndown';

export default async () => {
  const service = new TurndownService({ headingStyle: 'atx', codeBlockStyle: 'fenced' });
  service.addRule('strike', { filter: ['del'], replacement: (content) => `~~${content}~~` });
  return service.turndown('<h2>A</h2><p>b <strong>c</strong> <del>d</del></p><ul><li>e</li></ul><pre><code>f\n</code></pre>');
};
