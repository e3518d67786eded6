import ts from 'typescript';

export default async () => {
  const { outputText, diagnostics } = ts.transpileModule('enum A { x = 1 } export const y: number = A.x', { reportDiagnostics: true, compilerOptions: { module: ts.ModuleKind.CommonJS } });
  const host = ts.createCompilerHost({});
  const { getSourceFile } = host;
  host.getSourceFile = (name, language) => (name === 'a.ts' ? ts.createSourceFile(name, 'const a: string = 1;', language) : getSourceFile(name, language));
  const program = ts.createProgram(['a.ts'], { lib: ['lib.es5.d.ts'], types: [], noEmit: true }, host); // reads its own declarations
  return `${outputText} ${diagnostics?.length} ${program.getSemanticDiagnostics().map((each) => String(each.messageText)).join()}`;
};
