import { AbstractDockerProvider } from '@mediaconduit/mediaconduit/src/media/providers/docker/AbstractDockerProvider';
import { MediaCapability, ProviderType } from '@mediaconduit/mediaconduit/src/media/types/provider';
export default class ServiceProvider extends AbstractDockerProvider {
  readonly id = 'service';
  readonly name = 'Service';
  readonly type = ProviderType.LOCAL;
  readonly capabilities = [MediaCapability.TEXT_TO_TEXT];
  private port = 0;
  protected getServiceUrl() { return 'https://github.com/MediaConduit/echo-service'; }
  protected async onServiceReady() {
    const service = this.getDockerService();
    if (!(await service.isServiceRunning())) await service.startService();
    this.port = service.getServiceInfo().ports[0];
    console.log(`service is on port ${this.port}`);
  }
  getModelsForCapability() { return [{ id: 'port', name: 'Port', capabilities: [MediaCapability.TEXT_TO_TEXT] }]; }
  async getModel(id: string) {
    const acts: Record<string, () => Promise<string>> = {
      port: async () => `port ${this.port}`,
      stop: async () => `stopped ${await this.stopService()}`,
      restart: async () => {
        await this.getDockerService().restartService();
        return `port ${this.getDockerService().getServiceInfo().ports[0]}`;
      },
      status: async () => JSON.stringify(await this.getDockerService().getServiceStatus()),
    };
    return { transform: acts[id] };
  }
}
