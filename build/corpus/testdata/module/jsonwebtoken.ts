import jwt from 'jsonwebtoken';

export default async () => {
  const token = jwt.sign({ sub: 'cow', iat: 1700000000 }, 'secret', { algorithm: 'HS256', noTimestamp: true });
  const claims = jwt.verify(token, 'secret');
  let failed = '';
  try {
    jwt.verify(`${token}x`, 'secret');
  } catch (error) {
    failed = error instanceof jwt.JsonWebTokenError ? error.message : 'another error';
  }
  return `${token} ${JSON.stringify(claims)} ${failed}`;
};
