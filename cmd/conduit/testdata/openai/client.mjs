// What the official client gets from a conduit gateway, at GATEWAY. It prints a line for each thing that works.
import assert from 'node:assert/strict';
import OpenAI, { toFile } from 'openai';

const client = new OpenAI({ baseURL: `${process.env.GATEWAY}/v1`, apiKey: process.env.TOKEN, maxRetries: 0 });
const messages = [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: 'moo' }];

const ids = [];
for await (const model of client.models.list()) ids.push(model.id);
assert.ok(ids.includes('studio/tell'), ids.join());
assert.equal((await client.models.retrieve('studio/draw')).owned_by, 'studio');
console.log('models');

const answer = await client.chat.completions.create({ model: 'studio/tell', messages, temperature: 0.5 });
assert.equal(answer.choices[0].message.content, 'once upon a time, there were 2 messages');
assert.equal(answer.choices[0].finish_reason, 'stop');
assert.deepEqual(answer.usage, { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 });
console.log('chat');

const pieces = [];
let usage;
for await (const chunk of await client.chat.completions.create({ model: 'studio/tell', messages, stream: true, stream_options: { include_usage: true } })) {
  if (chunk.choices[0]?.delta.content) pieces.push(chunk.choices[0].delta.content);
  usage = chunk.usage ?? usage;
}
assert.deepEqual(pieces, ['once ', 'upon ', 'a time, there were 2 messages']);
assert.equal(usage.total_tokens, 12);
console.log('chat streamed');

const runner = client.chat.completions.stream({ model: 'studio/tell', messages });
assert.equal(await runner.finalContent(), 'once upon a time, there were 2 messages');
console.log('chat streamed with the helper');

const pictures = await client.images.generate({ model: 'studio/draw', prompt: 'a fox', n: 2, size: '64x32' });
assert.deepEqual(pictures.data.map((each) => Buffer.from(each.b64_json, 'base64').toString()), ['drawn: a fox 64x32', 'drawn: a fox 64x32']);
const linked = await client.images.generate({ model: 'studio/draw', prompt: 'a fox', response_format: 'url' });
const file = await fetch(linked.data[0].url);
assert.equal(file.headers.get('content-type'), 'image/png');
assert.match(await file.text(), /^drawn: a fox/);
console.log('images');

const speech = await client.audio.speech.create({ model: 'studio/say', voice: 'alloy', input: 'hello' });
assert.equal(Buffer.from(await speech.arrayBuffer()).toString(), 'alloy says hello');
console.log('speech');

const sound = await toFile(Buffer.from('RIFF voice'), 'voice.wav');
assert.equal((await client.audio.transcriptions.create({ model: 'studio/hear', file: sound, language: 'en' })).text, 'transcribe 10 bytes in en');
assert.equal((await client.audio.translations.create({ model: 'studio/hear', file: sound })).text, 'translate 10 bytes in undefined');
console.log('transcriptions');

const fails = async (status, type, message, call) => {
  await assert.rejects(call, (error) => {
    assert.equal(error.status, status);
    assert.equal(error.type, type);
    assert.match(error.message, message);
    return true;
  });
};
await fails(404, 'invalid_request_error', /there is no model nothing/, () => client.chat.completions.create({ model: 'nothing', messages }));
await fails(502, 'server_error', /no more paper/, () => client.chat.completions.create({ model: 'studio/fail', messages }));
await fails(502, 'server_error', /no more paper/, () => client.chat.completions.create({ model: 'studio/fail', messages, stream: true }));
await fails(401, 'authentication_error', /token is wrong/, () => client.withOptions({ apiKey: 'wrong' }).models.list());
console.log('errors');

const stopped = new AbortController();
const waiting = await client.chat.completions.create({ model: 'studio/wait', messages, stream: true }, { signal: stopped.signal });
for await (const chunk of waiting) {
  if (chunk.choices[0]?.delta.content) stopped.abort();
}
console.log('abort');
