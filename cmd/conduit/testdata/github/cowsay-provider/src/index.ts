export * from './provider';
export * from './types';

export { CowsayProvider as default } from './provider';
