export { MediaCapability } from '../types/provider';
export type * from './interfaces';
