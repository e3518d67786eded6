export type * from './formats';
export type * from './metadata';
