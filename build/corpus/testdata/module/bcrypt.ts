import bcrypt from 'bcrypt';

export default async () => {
  const salt = '$2b$04$abcdefghijklmnopqrstuu';
  const hash = await bcrypt.hash('moo', salt);
  return `${hash} ${await bcrypt.compare('moo', hash)} ${bcrypt.compareSync('boo', hash)} ${bcrypt.getRounds(hash)}`;
};
