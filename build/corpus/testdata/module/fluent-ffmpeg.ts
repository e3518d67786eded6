import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import ffmpeg from 'fluent-ffmpeg';
import { inFolder } from '../support/files.js';

export default () =>
  inFolder(async (folder) => {
    // A program that says what it was asked to do takes ffmpeg's place.
    const program = join(folder, 'ffmpeg');
    await writeFile(program, '#!/bin/sh\ncase "$*" in *-encoders*|*-formats*|*-codecs*|*-filters*) exit 0;; esac\necho "$@"\n');
    await chmod(program, 0o755);
    const command = ffmpeg('in.mp4').setFfmpegPath(program).noVideo().audioFrequency(16000).audioChannels(1).outputOptions('-y').seekInput('0:05');
    const said = await new Promise<string>((resolve, reject) => {
      command.on('end', (out) => resolve(String(out).trim())).on('error', reject).save(join(folder, 'out.wav'));
    });
    return said.replaceAll(folder, 'FOLDER');
  });
