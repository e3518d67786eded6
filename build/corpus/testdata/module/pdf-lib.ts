import { PDFDocument, StandardFonts, rgb } from 'pdf-lib';
import { digest } from '../support/serve.js';

export default async () => {
  const doc = await PDFDocument.create({ updateMetadata: false });
  const font = await doc.embedFont(StandardFonts.TimesRoman);
  doc.addPage([200, 100]).drawText('The cow says moo', { x: 10, y: 50, size: 12, font, color: rgb(0, 0.5, 0.7) });
  const bytes = await doc.save();
  const again = await PDFDocument.load(bytes);
  return `${again.getPageCount()} ${again.getPage(0).getWidth()} ${font.widthOfTextAtSize('moo', 12)} ${digest(bytes)}`;
};
