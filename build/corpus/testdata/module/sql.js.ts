import initSqlJs from 'sql.js';

export default async () => {
  const SQL = await initSqlJs();
  const db = new SQL.Database();
  db.run('CREATE TABLE cows (name TEXT, spots INT); INSERT INTO cows VALUES (\'Bella\', 3), (\'Daisy\', 5);');
  const [result] = db.exec('SELECT name, spots * 2 AS twice FROM cows WHERE spots > ?', [3]);
  const size = db.export().length;
  db.close();
  return `${JSON.stringify(result)} ${size}`;
};
