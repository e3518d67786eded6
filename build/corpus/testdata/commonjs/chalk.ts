export default async () => {
  const { Chalk } = await import('chalk'); // an ES module, which CommonJS can import in this way only
  const { customAlphabet } = await import('nanoid');
  return JSON.stringify(new Chalk({ level: 1 }).blue(customAlphabet('a', 5)()));
};
