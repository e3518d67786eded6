import { createServer } from 'node:http';

const version = '2.0.0';

function cow(text) {
  const line = '_'.repeat(text.length + 2);
  return [` ${line}`, `< ${text} >`, ` ${line.replaceAll('_', '-')}`, '        \\   ^__^', '         \\  (oo)\\_______', '            (__)\\       )\\/\\', '                ||----w |', '                ||     ||', ''].join('\n');
}

createServer((request, response) => {
  if (request.url === '/health') {
    response.end(JSON.stringify({ status: 'healthy', version }));
    return;
  }
  let body = '';
  request.on('data', (chunk) => (body += chunk));
  request.on('end', () => {
    console.log(`said by cow ${version}`);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ cowsayOutput: cow(JSON.parse(body).text) }));
  });
}).listen(Number(process.env.PORT), '127.0.0.1', () => console.log(`cow ${version} listens on ${process.env.PORT}`));
