import { StringOutputParser } from '@langchain/core/output_parsers';
import { ChatPromptTemplate } from '@langchain/core/prompts';
import { RunnableLambda, RunnableSequence } from '@langchain/core/runnables';
import { AIMessage } from '@langchain/core/messages';

export default async () => {
  const prompt = ChatPromptTemplate.fromMessages([['system', 'You are a {animal}'], ['human', '{text}']]);
  const model = RunnableLambda.from((input: { toChatMessages(): { content: unknown; getType(): string }[] }) =>
    new AIMessage(input.toChatMessages().map((each) => `${each.getType()}=${String(each.content)}`).join(' ')));
  const chain = RunnableSequence.from([prompt, model, new StringOutputParser()]);
  const said = await chain.invoke({ animal: 'cow', text: 'speak' });
  return `${said} ${(await chain.batch([{ animal: 'a', text: 'b' }, { animal: 'c', text: 'd' }])).join('|')}`;
};
