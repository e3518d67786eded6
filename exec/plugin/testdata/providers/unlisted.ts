import { BaseProvider } from './base';

// As some published providers do: its list of models stays empty, it tells models when asked by capability, and it takes its
// service's address in configure() alone.
export default class UnlistedProvider extends BaseProvider {
  private port = 0;
  constructor(private readonly service?: any) {
    super();
  }
  override get models() { return []; }
  override async configure(config: any) {
    this.port = this.service?.getServiceInfo().ports[0] ?? 0;
    if (config.strict) throw new Error('too strict');
    if (Object.keys(config).length === 0) throw new Error('no settings');
  }
  override getModelsForCapability(capability: string) {
    return this.port ? [{ id: `on-${this.port}`, name: 'Found', capabilities: [capability, 'TEXT_TO_TEXT'] }] : [];
  }
  override async getModel(id: string): Promise<any> {
    return { transform: async () => id };
  }
}
