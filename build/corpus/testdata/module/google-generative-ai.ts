import { GoogleGenerativeAI, HarmCategory, SchemaType } from '@google/generative-ai';
import { answering } from '../support/serve.js';

export default () =>
  answering(
    (request, body) => {
      const { contents } = JSON.parse(body) as { contents: { parts: { text: string }[] }[] };
      return { candidates: [{ index: 0, finishReason: 'STOP', content: { role: 'model', parts: [{ text: `${request.url} ${contents.at(-1)?.parts[0]?.text}` }] } }] };
    },
    async (address) => {
      const model = new GoogleGenerativeAI('key').getGenerativeModel({ model: 'gemini-x' }, { baseUrl: address });
      const chat = model.startChat({ history: [{ role: 'user', parts: [{ text: 'hello' }] }, { role: 'model', parts: [{ text: 'yes' }] }] });
      const { response } = await chat.sendMessage('moo');
      return `${response.text()} ${(await chat.getHistory()).length} ${SchemaType.STRING} ${HarmCategory.HARM_CATEGORY_HARASSMENT}`;
    },
  );
