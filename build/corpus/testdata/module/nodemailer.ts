import { createTransport } from 'nodemailer';

export default async () => {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'unix' });
  const { message, envelope } = await transport.sendMail({
    from: 'cow@farm.example', to: ['pig@farm.example'], subject: 'Müh', text: 'hello', html: '<b>hello</b>', messageId: '<1@farm.example>', date: new Date(0),
    attachments: [{ filename: 'a.txt', content: 'moo' }], boundaryPrefix: 'x',
  } as object);
  return `${JSON.stringify(envelope)} ${String(message).replace(/--_NmP-[\w-]+|x-[\w]+-Part_\d|----_NmP-\S+/g, 'BOUNDARY')}`;
};
