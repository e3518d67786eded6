/** The namespace that every artifact exports as `sdk`: one instance per provider process. */
export * from './index';
export * as host from './host';
