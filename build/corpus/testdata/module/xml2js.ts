import { Builder, parseStringPromise } from 'xml2js';

export default async () => {
  const parsed = (await parseStringPromise('<a x="1"><b>two</b><b/><c><![CDATA[<d>]]></c></a>')) as unknown;
  const built = new Builder({ headless: true, renderOpts: { pretty: false } }).buildObject({ cow: { $: { name: 'B&B' }, says: ['moo', 'muh'] } });
  const failed = await parseStringPromise('<a><b></a>').catch((error: Error) => error.message.split('\n')[0]);
  return `${JSON.stringify(parsed)} ${built} ${String(failed)}`;
};
