import mime from 'mime-types';

export default async () => [mime.lookup('a/b.webm'), mime.contentType('x.json'), mime.extension('image/jpeg'), mime.charset('text/html'), mime.lookup('nothing')].join(' ');
