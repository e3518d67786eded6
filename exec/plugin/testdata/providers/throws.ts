import { BaseProvider } from './base';
function check(): never {
  throw new TypeError('WEATHER_KEY is not set: get one at the counter');
}
export default class ThrowingProvider extends BaseProvider {
  constructor() {
    super();
    check();
  }
}
