import * as cheerio from 'cheerio';

export default async () => {
  const $ = cheerio.load('<ul><li class="a">one<li>two</ul><p>&auml;</p>');
  $('li').eq(1).addClass('b').attr('data-x', '1 < 2');
  return `${$('li').map((_, each) => $(each).text()).get().join(',')} ${$.html('ul')} ${$('p').text()}`;
};
