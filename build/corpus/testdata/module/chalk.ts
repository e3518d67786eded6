import { Chalk, supportsColor } from 'chalk';

export default async () => {
  const chalk = new Chalk({ level: 3 });
  return JSON.stringify(`${chalk.bold.red('a')} ${chalk.hex('#123456').underline(`b ${chalk.green('c')}`)} ${typeof supportsColor}`);
};
