export default class HalfProvider {
  id = 'half';
  name = 'Half';
  async configure() {}
}
