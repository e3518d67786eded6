import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import ejs from 'ejs';
import { inFolder } from '../support/files.js';

export default () =>
  inFolder(async (folder) => {
    await writeFile(join(folder, 'part.ejs'), '<li><%= name %></li>');
    const file = join(folder, 'all.ejs');
    await writeFile(file, '<% for (const name of names) { %><%- include("part", { name }) %><% } -%>\n');
    const inline = ejs.render('<?= a ?>', { a: '<' }, { delimiter: '?' });
    return `${await ejs.renderFile(file, { names: ['a', '&'] })} ${inline}`;
  });
