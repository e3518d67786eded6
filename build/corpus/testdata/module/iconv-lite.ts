import iconv from 'iconv-lite';

export default async () => {
  const encoded = ['shift_jis', 'gb18030', 'win1252', 'utf-16le', 'big5', 'koi8-r'].map((name) => iconv.encode('牛 ü д', name).toString('hex'));
  return `${encoded.join(' ')} ${iconv.decode(Buffer.from('93fa967b', 'hex'), 'sjis')} ${iconv.encodingExists('nope')}`;
};
