import { BaseProvider } from './base';
export class FirstProvider extends BaseProvider {}
export class SecondProvider extends BaseProvider {}
