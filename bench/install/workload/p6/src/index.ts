export * as fluentFfmpeg from "fluent-ffmpeg";
export * as sharp from "sharp";
