throw new Error('this module fails as soon as it is imported');
export default class {}
