console.log('about to leave');
process.exit(3);
export default class {}
