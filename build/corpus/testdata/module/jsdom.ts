import { JSDOM, VirtualConsole } from 'jsdom';

export default async () => {
  const said: string[] = [];
  const virtualConsole = new VirtualConsole();
  virtualConsole.on('log', (text: string) => said.push(text));
  const { window } = new JSDOM('<!doctype html><p id=a style="color: red">x</p><script>console.log(document.title + "ran"); document.querySelector("#a").dataset.n = 1 + 1</script>', { runScripts: 'dangerously', url: 'http://farm.example/', virtualConsole });
  const p = window.document.getElementById('a') as HTMLElement;
  p.append(window.document.createElement('b'));
  return `${p.outerHTML} ${window.getComputedStyle(p).color} ${said.join()} ${window.location.host} ${p instanceof window.HTMLElement}`;
};
