import { BaseProvider } from './base';
export default class LateProvider extends BaseProvider {
  private found: any[] = [];
  constructor() {
    super();
    setTimeout(() => (this.found = [{ id: 'late', name: 'Late', capabilities: ['text-to-image'] }]), 60);
  }
  get models() { return this.found; }
}
