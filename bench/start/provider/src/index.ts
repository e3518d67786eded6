// A provider whose answer needs axios, and nothing that is not on this machine.
import axios from 'axios';
import { MediaCapability, ProviderType } from '@mediaconduit/mediaconduit/src/media/types/provider';
import { Text } from '@mediaconduit/mediaconduit/src/media/assets/roles';

class AddressModel {
  async transform(input: any): Promise<Text> {
    const text: Text = await input.asRole(Text);
    const client = axios.create({ baseURL: 'https://api.example.com', timeout: 1000 });
    return Text.fromString(`${axios.VERSION} ${client.getUri({ url: '/say', params: { text: text.content } })}`);
  }
}

export default class AxiosProvider {
  readonly id = 'axios';
  readonly name = 'Axios';
  readonly type = ProviderType.REMOTE;
  readonly capabilities = [MediaCapability.TEXT_TO_TEXT];
  readonly models = [{ id: 'address', name: 'Address', capabilities: [MediaCapability.TEXT_TO_TEXT] }];
  async configure(): Promise<void> {}
  async isAvailable(): Promise<boolean> {
    return true;
  }
  getModelsForCapability(): unknown[] {
    return this.models;
  }
  async getModel(): Promise<AddressModel> {
    return new AddressModel();
  }
  async getHealth(): Promise<object> {
    return { status: 'healthy' };
  }
}
