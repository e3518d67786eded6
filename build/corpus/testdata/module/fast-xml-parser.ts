import { XMLBuilder, XMLParser, XMLValidator } from 'fast-xml-parser';

export default async () => {
  const parsed = new XMLParser({ ignoreAttributes: false, isArray: (name) => name === 'b' }).parse('<a x="1"><b>2</b><c>&lt;</c></a>') as unknown;
  const built = new XMLBuilder({ ignoreAttributes: false, format: true }).build({ cow: { '@_n': 'x', says: ['moo', 'muh'] } }) as string;
  return `${JSON.stringify(parsed)} ${built} ${JSON.stringify(XMLValidator.validate('<a><b></a>'))}`;
};
