import { GetObjectCommand, PutObjectCommand, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { bytes, serving } from '../support/serve.js';

export default () => {
  const store = new Map<string, Buffer>();
  return serving(
    async (request, response) => {
      const key = (request.url ?? '').split('?')[0] ?? '';
      const body = await bytes(request);
      if (request.method === 'PUT') {
        store.set(key, body);
        response.writeHead(200, { etag: '"e1"' }).end();
      } else if (store.has(key)) response.writeHead(200, { 'content-type': 'text/plain' }).end(store.get(key));
      else response.writeHead(404, { 'content-type': 'application/xml' }).end('<Error><Code>NoSuchKey</Code><Message>none</Message></Error>');
    },
    async (address) => {
      const client = new S3Client({ endpoint: address, region: 'farm', forcePathStyle: true, credentials: { accessKeyId: 'a', secretAccessKey: 's' }, maxAttempts: 1, requestChecksumCalculation: 'WHEN_REQUIRED' });
      const { ETag } = await client.send(new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: 'moo' }));
      const { Body } = await client.send(new GetObjectCommand({ Bucket: 'b', Key: 'k' }));
      const failed = await client.send(new GetObjectCommand({ Bucket: 'b', Key: 'none' })).catch((error: unknown) => error instanceof S3ServiceException && error.name);
      return `${ETag} ${await Body?.transformToString()} ${String(failed)}`;
    },
  );
};
