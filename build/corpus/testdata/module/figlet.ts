import figlet from 'figlet';

export default async () => `${await figlet.text('moo')}\n${figlet.textSync('x', { font: 'Small' })}\n${figlet.fontsSync().length > 100}`;
