export default class Shout {}
