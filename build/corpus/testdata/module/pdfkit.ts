import PDFDocument from 'pdfkit';
import { bytes, digest } from '../support/serve.js';

export default async () => {
  const doc = new PDFDocument({ size: 'A6', compress: false, info: { CreationDate: new Date(0) } });
  doc.font('Helvetica-Bold').fontSize(20).text('moo').font('Courier').text('a second line', { underline: true }).addPage().circle(50, 50, 20).stroke();
  const width = doc.widthOfString('moo');
  doc.end();
  const content = (await bytes(doc)).toString('latin1');
  return `${content.slice(0, 8)} ${width} ${content.match(/\/Type \/Page\b/g)?.length} ${digest(content.replace(/\/ID \[.*\]/, ''))}`;
};
