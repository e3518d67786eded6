// Console output in every way a provider writes it, with what must not break the protocol.
import { BaseProvider } from './base';
export * from './base';
export default class EchoProvider extends BaseProvider {
  constructor() {
    super();
    console.log('🐄 ready', { deep: { er: [1, 2] } });
    console.warn('a warning');
    console.error('an error\nover two lines');
    console.debug('a detail');
    process.stdout.write('half ');
    process.stdout.write('a line\n');
    console.table([{ a: 1 }]);
  }
  async configure(config: any) {
    if (config.refuse) throw new Error(`apiKey ${config.refuse} is not valid`);
    await super.configure(config);
  }
}
