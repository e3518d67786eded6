import { stat } from 'node:fs/promises';
import { Asset } from './Asset';

/** Makes assets of files. */
export class SmartAssetFactory {
  /** The asset of a file. Fails where the file is not there. */
  static async load(path: string): Promise<Asset> {
    const info = await stat(path);
    if (!info.isFile()) throw new Error(`${path} is not a file`);
    return new Asset(path, { fileSize: info.size });
  }
}

export default SmartAssetFactory;
