export { CowsayProvider as default } from './provider';
